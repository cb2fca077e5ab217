/*
 * Tables of the kit. Pieces of a lane stand next to each other, so that choices are counted from the first one.
 */
#include "stream/kit.h"

#include <ctype.h>
#include <stdbool.h>

typedef struct piece {
    const char *name;
    uint8_t key, lane;
} piece;

static const piece pieces[ES_KIT_PIECES] = {
    {"kick", 36, 0}, {"snare", 38, 1}, {"rim", 37, 1},   {"hat", 42, 2},
    {"open", 46, 2}, {"ride", 51, 3},  {"pedal", 44, 4}, {"crash", 49, 5},
    {"tom1", 48, 6}, {"tom2", 45, 6},  {"tom3", 41, 6},
};

static const uint8_t first_piece[ES_KIT_LANES + 1] = {ES_KIT_KICK,     ES_KIT_SNARE, ES_KIT_HAT,
                                                      ES_KIT_RIDE,     ES_KIT_PEDAL, ES_KIT_CRASH,
                                                      ES_KIT_HIGH_TOM, ES_KIT_PIECES};

/* Other keys that are one of the pieces: edges, rims, bells and second cymbals of electronic kits and of General MIDI. */
static const struct {
    uint8_t key, piece;
} others[] = {
    {35, ES_KIT_KICK},    {40, ES_KIT_SNARE},    {22, ES_KIT_HAT},     {26, ES_KIT_OPEN},
    {53, ES_KIT_RIDE},    {59, ES_KIT_RIDE},     {52, ES_KIT_CRASH},   {55, ES_KIT_CRASH},
    {57, ES_KIT_CRASH},   {50, ES_KIT_HIGH_TOM}, {47, ES_KIT_MID_TOM}, {43, ES_KIT_LOW_TOM},
    {58, ES_KIT_LOW_TOM},
};

const char *es_kit_name(int p)
{
    return pieces[p].name;
}

uint8_t es_kit_key(int p)
{
    return pieces[p].key;
}

int es_kit_piece_of_key(int key)
{
    for (int p = 0; p < ES_KIT_PIECES; p++) {
        if (pieces[p].key == key) {
            return p;
        }
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (others[i].key == key) {
            return others[i].piece;
        }
    }
    return -1;
}

int es_kit_lane(int p)
{
    return pieces[p].lane;
}

int es_kit_candidates(int lane)
{
    return 1 + ES_KIT_LEVELS * (first_piece[lane + 1] - first_piece[lane]);
}

int es_kit_candidate(int p, int accent)
{
    return 1 + ES_KIT_LEVELS * (p - first_piece[pieces[p].lane]) + accent + 1;
}

int es_kit_piece_of(int lane, int candidate)
{
    return first_piece[lane] + (candidate - 1) / ES_KIT_LEVELS;
}

int es_kit_accent_of(int candidate)
{
    return (candidate - 1) % ES_KIT_LEVELS - 1;
}

int es_kit_accent(int velocity)
{
    return velocity < ES_KIT_SOFT_BELOW ? -1 : velocity >= ES_KIT_ACCENT_FROM;
}

/* ---- families ---- */

static const char *const families[ES_FAMILIES] = {"rock",   "funk",  "jazz", "latin", "hiphop",
                                                  "soul",   "afro",  "pop",  "punk",  "neworleans",
                                                  "reggae", "dance", "other"};

/* Words of their own that belong to one of them. */
static const struct {
    const char *word;
    uint8_t family;
} akin[] = {{"gospel", 5},   {"motown", 5},   {"afrocuban", 6},
            {"afrobeat", 6}, {"highlife", 6}, {"swing", 2}};

const char *es_family_name(int family)
{
    return families[family];
}

/* Is `word` the text of so many letters, in any case? */
static bool is_word(const char *text, size_t length, const char *word)
{
    size_t i = 0;

    while (i < length && word[i] && tolower((unsigned char)text[i]) == word[i]) {
        i++;
    }
    return i == length && !word[i];
}

int es_family_of(const char *text)
{
    while (*text) {
        size_t length = 0;
        while (isalpha((unsigned char)text[length])) {
            length++;
        }
        for (int f = 0; length && f < ES_FAMILIES - 1; f++) {
            if (is_word(text, length, families[f])) {
                return f;
            }
        }
        for (size_t i = 0; length && i < sizeof akin / sizeof *akin; i++) {
            if (is_word(text, length, akin[i].word)) {
                return akin[i].family;
            }
        }
        text += length ? length : 1;
    }
    return ES_FAMILIES - 1;
}
