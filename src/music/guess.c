/*
 * Which chord was meant. The qualities that people write are tried against a misspelt one; what is proposed reads as a chord. The
 * root of a symbol stays as it was written, and the degree of a numeral where it can.
 */
#include "music/guess.h"

#include "base/near.h"

#include <stdio.h>
#include <string.h>

typedef struct nearest {
    char *out;
    size_t size;
    const char *word;
    int distance;
} nearest;

static void try_one(nearest *n, const char *root, const char *tail, const es_key *key)
{
    char text[24];
    es_chord chord;

    snprintf(text, sizeof text, "%s%s", root, tail);
    const int distance = es_near_distance(n->word, text);
    const size_t used = key ? es_roman_parse(&chord, text, *key) : es_chord_parse(&chord, text);
    if (distance < n->distance && 2 * (size_t)distance <= strlen(n->word) && used == strlen(text) &&
        strcmp(text, n->word) != 0) {
        n->distance = distance;
        snprintf(n->out, n->size, "%s", text);
    }
}

bool es_chord_near(char *out, size_t size, const char *word)
{
    static const char *const tails[] = {"",     "m",     "7",    "maj7", "m7",    "6",    "m6",
                                        "dim",  "dim7",  "m7b5", "aug",  "sus4",  "sus2", "7sus4",
                                        "add9", "madd9", "9",    "maj9", "m9",    "13",   "m11",
                                        "7b9",  "7#9",   "7#11", "69",   "mmaj7", "5"};
    nearest n = {out, size, word, 3};
    char root[4] = {0};

    snprintf(root, sizeof root, "%.*s", 1 + (word[0] && (word[1] == '#' || word[1] == 'b')), word);
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        try_one(&n, root, tails[i], NULL);
    }
    return n.distance < 3;
}

bool es_roman_near(char *out, size_t size, const char *word, es_key key)
{
    static const char *const tails[] = {"",
                                        "7",
                                        "6",
                                        "64",
                                        "65",
                                        "43",
                                        "42",
                                        "maj7",
                                        "dom7",
                                        "sus4",
                                        "sus2",
                                        "add6",
                                        "5",
                                        "o",
                                        "o6",
                                        "o7",
                                        "\xc3\xb8",
                                        "\xc3\xb8"
                                        "7",
                                        "+",
                                        "9",
                                        "m7"};
    static const char *const degrees[] = {"I",  "i", "II", "ii", "III", "iii", "IV",
                                          "iv", "V", "v",  "VI", "vi",  "VII", "vii"};
    nearest n = {out, size, word, 3};
    char root[8];

    snprintf(root, sizeof root, "%.*s",
             (int)((*word == 'b') + strspn(word + (*word == 'b'), "IViv")), word);
    for (size_t i = 0; *root && i < sizeof tails / sizeof *tails; i++) {
        try_one(&n, root, tails[i], &key);
    }
    for (size_t d = 0; *root && d < sizeof degrees / sizeof *degrees; d++) {
        for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
            try_one(&n, degrees[d], tails[i], &key);
        }
    }
    return n.distance < 3;
}
