/*
 * Fields of ABC: metre, unit length, tempo, key, title, voice. Others say nothing about the notes.
 */
#include "abc/reader.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static void skip_space(const char **at, const char *end)
{
    while (*at < end && isspace((unsigned char)**at)) {
        (*at)++;
    }
}

static bool at_text(const char *at, const char *end, const char *text)
{
    const size_t length = strlen(text);

    return (size_t)(end - at) >= length && memcmp(at, text, length) == 0;
}

/* ---- M, L, Q ---- */

static estro_status read_meter(es_abc_reader *r, const char *at, const char *end)
{
    int64_t top = 0;
    es_meter meter = {4, 4};

    if (at_text(at, end, "C|")) {
        meter = (es_meter){2, 2};
    } else if (!at_text(at, end, "C") && !at_text(at, end, "none") && at < end) {
        const char *start = at;
        bool more = true;
        while (more && at < end) { /* (2+3)/8 is five eighths. */
            at += *at == '(';
            top += es_abc_number(&at, end);
            at += at < end && *at == ')';
            more = at < end && *at == '+';
            at += more;
        }
        const bool has_bottom = at < end && *at == '/';
        at += has_bottom;
        const int64_t bottom = es_abc_number(&at, end);
        if (!has_bottom || top < 1 || top > 48 || bottom < 1 || bottom > 32 ||
            (bottom & (bottom - 1)) != 0) {
            return es_abc_fail(r, start, "this is no metre; metres are such as 4/4, 6/8, C, C|");
        }
        meter = (es_meter){(uint8_t)top, (uint8_t)bottom};
    }
    r->now.meter = meter;
    r->now.has_meter = true;
    if (!r->now.has_unit && !r->in_body) { /* The standard's rule. */
        r->now.unit.den = es_meter_bar(meter) * 4 < ES_WHOLE * 3 ? 16 : 8;
    }
    if (r->n_events == 0) {
        r->out->meter = meter;
    }
    return ESTRO_OK;
}

static estro_status read_unit(es_abc_reader *r, const char *at, const char *end)
{
    const char *start = at;
    const int64_t num = es_abc_number(&at, end);
    const bool has_bar = at < end && *at == '/';

    at += has_bar;
    const int64_t den = has_bar ? es_abc_number(&at, end) : 1;
    if (num < 1 || num > 8 || den < 1 || den > 512) {
        return es_abc_fail(r, start, "this is no length; lengths are such as 1/8");
    }
    r->now.unit = (es_abc_length){num, den};
    r->now.has_unit = true;
    return ESTRO_OK;
}

/* 1/4=120, "Allegro" 3/8=100, or 120, which counts units. What cannot be read is no tempo. */
static void read_tempo(es_abc_reader *r, const char *at, const char *end)
{
    es_abc_length beat = r->now.unit;
    const char *quote = at < end && *at == '"' ? memchr(at + 1, '"', (size_t)(end - at - 1)) : NULL;

    at = quote ? quote + 1 : at;
    skip_space(&at, end);
    const char *equals = memchr(at, '=', (size_t)(end - at));
    if (equals) {
        beat.num = es_abc_number(&at, end);
        at += at < end && *at == '/';
        beat.den = es_abc_number(&at, end);
        at = equals + 1;
    }
    skip_space(&at, end);
    const int64_t bpm = es_abc_number(&at, end);
    if (beat.num < 1 || beat.den < 1 || bpm < 1) {
        return;
    }
    const double tempo = (double)bpm * (double)beat.num * 4 / (double)beat.den;
    r->out->tempo = tempo >= 10 && tempo <= 1000 ? tempo : 0;
}

/* ---- K ---- */

typedef struct mode_name {
    const char *name;
    int fifths; /* Of its signature, against the major key on the same tonic. */
    uint8_t mode;
} mode_name;

static const mode_name mode_names[] = {
    {"maj", 0, ES_MAJOR},  {"ion", 0, ES_MAJOR},     {"min", -3, ES_MINOR},
    {"aeo", -3, ES_MINOR}, {"dor", -2, ES_DORIAN},   {"mix", -1, ES_MIXOLYDIAN},
    {"lyd", 1, ES_LYDIAN}, {"phr", -4, ES_PHRYGIAN}, {"loc", -5, ES_MINOR},
};

static void set_signature(es_abc_state *now, int fifths)
{
    static const int order[7] = {3, 0, 4, 1, 5, 2, 6}; /* F C G D A E B */

    memset(now->signature, 0, sizeof now->signature);
    for (int i = 0; i < 7; i++) {
        for (int turn = 0; turn < 2; turn++) {
            now->signature[order[i]] = (int8_t)(now->signature[order[i]] + (fifths > i + 7 * turn));
            now->signature[order[6 - i]] =
                (int8_t)(now->signature[order[6 - i]] - (-fifths > i + 7 * turn));
        }
    }
}

/* A mode after the tonic: "m", or three letters or more of its name. */
static const mode_name *read_mode(const char **at, const char *end)
{
    const char *word = *at;
    size_t length = 0;

    while (word + length < end && isalpha((unsigned char)word[length])) {
        length++;
    }
    if (length == 1 && (*word == 'm' || *word == 'M')) {
        *at = word + 1;
        return *word == 'm' ? &mode_names[2] : &mode_names[0];
    }
    for (size_t i = 0; length >= 3 && i < sizeof mode_names / sizeof *mode_names; i++) {
        if (tolower((unsigned char)word[0]) == mode_names[i].name[0] &&
            tolower((unsigned char)word[1]) == mode_names[i].name[1] &&
            tolower((unsigned char)word[2]) == mode_names[i].name[2]) {
            *at = word + length;
            return &mode_names[i];
        }
    }
    return NULL;
}

/* Accidentals of its own: "^f _b =c" after the mode. */
static void read_alterations(es_abc_state *now, const char *at, const char *end)
{
    for (;;) {
        int alter = 0;
        bool has_sign = false;
        skip_space(&at, end);
        while (at < end && (*at == '^' || *at == '_' || *at == '=')) {
            alter += *at == '^' ? 1 : *at == '_' ? -1 : 0;
            has_sign = true;
            at++;
        }
        const char *note = at < end ? strchr("CDEFGAB", toupper((unsigned char)*at)) : NULL;
        if (!has_sign || !note || !*note || alter < -2 || alter > 2) {
            return;
        }
        now->signature[note - "CDEFGAB"] = (int8_t)alter;
        at++;
    }
}

static estro_status read_key(es_abc_reader *r, const char *at, const char *end)
{
    static const char tonics[] = "FCGDAEB";
    const char *start = at;
    const char *tonic = at < end ? strchr(tonics, *at) : NULL;
    es_key key = {0, ES_MAJOR};

    r->in_body = true;
    if (at_text(at, end, "HP") || at_text(at, end, "Hp")) { /* Bagpipes: A mixolydian. */
        set_signature(&r->now, 2);
        key = (es_key){9, ES_MIXOLYDIAN};
    } else if (at_text(at, end, "none") || at == end || memchr(at, '=', (size_t)(end - at)) == at) {
        set_signature(&r->now, 0);
    } else if (tonic && *tonic) {
        int fifths = (int)(tonic - tonics) - 1;
        at++;
        if (at < end && (*at == '#' || *at == 'b')) {
            fifths += *at == '#' ? 7 : -7;
            at++;
        }
        key.tonic = (uint8_t)((fifths * 7 % 12 + 12) % 12);
        skip_space(&at, end);
        const mode_name *mode = read_mode(&at, end);
        fifths += mode ? mode->fifths : 0;
        key.mode = mode ? mode->mode : ES_MAJOR;
        set_signature(&r->now, fifths);
        read_alterations(&r->now, at, end);
    } else if (strchr("^_", *at) || at_text(at, end, "clef") || at_text(at, end, "octave") ||
               at_text(at, end, "transpose")) {
        read_alterations(&r->now, at, end);
        return ESTRO_OK;
    } else {
        return es_abc_fail(r, start, "this is no key; keys are such as G, Bb, F#m, Ador, none");
    }
    if (r->n_events == 0) {
        r->out->key = key;
        r->out->has_key = true;
    }
    return ESTRO_OK;
}

/* ---- the rest ---- */

static void read_title(es_abc_reader *r, const char *at, const char *end)
{
    while (end > at && isspace((unsigned char)end[-1])) {
        end--;
    }
    if (!r->out->title[0]) {
        snprintf(r->out->title, sizeof r->out->title, "%.*s", (int)(end - at), at);
    }
}

/* The first voice that is named is the tune. */
static void read_voice(es_abc_reader *r, const char *at, const char *end)
{
    char name[sizeof r->voice] = "";
    size_t length = 0;

    while (at + length < end && !isspace((unsigned char)at[length]) && at[length] != ']' &&
           length + 1 < sizeof name) {
        name[length] = at[length];
        length++;
    }
    if (!r->in_body) { /* The head only lists them. */
        return;
    }
    if (!r->voice[0] && r->n_events == 0) {
        memcpy(r->voice, name, sizeof name);
    }
    r->skips_voice = strcmp(name, r->voice) != 0;
}

estro_status es_abc_field(es_abc_reader *r, char letter, const char *at, const char *end)
{
    skip_space(&at, end);
    while (end > at && isspace((unsigned char)end[-1])) {
        end--;
    }
    switch (letter) {
    case 'M':
        return read_meter(r, at, end);
    case 'L':
        return read_unit(r, at, end);
    case 'K':
        return read_key(r, at, end);
    case 'Q':
        read_tempo(r, at, end);
        return ESTRO_OK;
    case 'T':
        read_title(r, at, end);
        return ESTRO_OK;
    case 'V':
        read_voice(r, at, end);
        return ESTRO_OK;
    default:
        return ESTRO_OK;
    }
}
