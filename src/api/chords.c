/*
 * Chord sheets: "Dm7 G7 | Cmaj7 | % |". What is written in a bar shares its beats as evenly as whole beats allow, the
 * earlier ones getting less where it does not come out even.
 */
#include "api/api.h"

#include "base/diag.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

typedef struct sheet {
    const char *text;
    int beats; /**< To the bar. */
    es_chord *chords;
    size_t count, capacity;
    es_chord bar[ES_MAX_BEATS]; /**< Chords of the bar being read. */
    int n_bar;
} sheet;

static estro_status fail_at(const sheet *s, const char *place, estro_diag *diag, const char *why)
{
    int column = 1;

    for (const char *c = s->text; c < place; c++) {
        column += ((unsigned char)*c & 0xc0u) != 0x80u;
    }
    es_fail_at(diag, ESTRO_ERR_ARGUMENT, "chords", 1, column, "%s", why);
    if (diag) {
        snprintf(diag->excerpt, sizeof diag->excerpt, "%s", s->text);
    }
    return ESTRO_ERR_ARGUMENT;
}

static estro_status push(sheet *s, es_chord chord, estro_diag *diag)
{
    if (!es_grow(&s->chords, s->count, &s->capacity, sizeof *s->chords)) {
        return es_fail_memory(diag);
    }
    s->chords[s->count++] = chord;
    return ESTRO_OK;
}

/** The bar is over: spread its chords over its beats. */
static estro_status end_bar(sheet *s, const char *place, estro_diag *diag)
{
    if (s->n_bar == 0) {
        return fail_at(s, place, diag, "a bar without a chord; '%' repeats the bar before");
    }
    for (int beat = 0; beat < s->beats; beat++) {
        ES_TRY(push(s, s->bar[beat * s->n_bar / s->beats], diag));
    }
    s->n_bar = 0;
    return ESTRO_OK;
}

/** "%": the bar before, beat by beat. It stands alone in its bar. */
static estro_status repeat_bar(sheet *s, const char *place, estro_diag *diag)
{
    const size_t beats = (size_t)s->beats;

    if (s->n_bar > 0 || s->count < beats) {
        return fail_at(s, place, diag, "'%' stands alone in a bar, and not in the first");
    }
    memcpy(s->bar, s->chords + s->count - beats, beats * sizeof *s->bar);
    s->n_bar = s->beats;
    return ESTRO_OK;
}

static bool ends_word(char c)
{
    return c == '\0' || c == ' ' || c == '\t' || c == '\n' || c == '|' || c == ',';
}

static estro_status read_chord(sheet *s, const char **at, estro_diag *diag)
{
    es_chord chord = {.quality = ES_QUALITY_NONE};
    const bool is_none = strncmp(*at, "NC", 2) == 0;
    const size_t length = is_none ? 2 : es_chord_parse(&chord, *at);

    if (length == 0 || !ends_word((*at)[length])) {
        return fail_at(s, *at, diag,
                       "not a chord symbol that estro knows (such as C, Dm7, F#m7b5, Bb/D)");
    }
    if (s->n_bar == s->beats) {
        return fail_at(s, *at, diag, "more chords than beats in this bar");
    }
    s->bar[s->n_bar++] = chord;
    *at += length;
    return ESTRO_OK;
}

static estro_status read_sheet(sheet *s, estro_diag *diag)
{
    const char *at = s->text;

    while (*at) {
        if (*at == '|') {
            if (at > s->text) {
                ES_TRY(end_bar(s, at, diag));
            }
            at++;
        } else if (ends_word(*at)) {
            at++;
        } else if (*at == '%') {
            ES_TRY(repeat_bar(s, at, diag));
            at++;
        } else {
            ES_TRY(read_chord(s, &at, diag));
        }
    }
    if (s->n_bar > 0) {
        return end_bar(s, at, diag);
    }
    return s->count > 0 ? ESTRO_OK : fail_at(s, s->text, diag, "the chord sheet is empty");
}

estro_status es_api_chords(es_chord **chords, uint32_t *n_chords, const char *text, es_meter meter,
                           estro_diag *diag)
{
    sheet s = {.text = text, .beats = es_meter_beats(meter)};
    const estro_status status = read_sheet(&s, diag);

    if (status != ESTRO_OK) {
        es_free(s.chords);
        return status;
    }
    *chords = s.chords;
    *n_chords = (uint32_t)s.count;
    return ESTRO_OK;
}
