/*
 * An analysed file for programs. Times are in quarters, which every program can read.
 */
#include "api/analysed.h"
#include "style/names.h"

#include <jansson.h>

/** Text out of a file: what is no UTF-8 is taken for Latin-1. */
static json_t *string_of(const char *text)
{
    json_t *string = json_string(text);
    char out[1024];
    size_t length = 0;

    if (string) {
        return string;
    }
    for (; *text && length + 2 < sizeof out; text++) {
        const unsigned char c = (unsigned char)*text;
        if (c < 0x80) {
            out[length++] = *text;
        } else {
            out[length++] = (char)(0xc0u | c >> 6);
            out[length++] = (char)(0x80u | (c & 0x3fu));
        }
    }
    return json_stringn(out, length);
}

static json_t *parts_of(const es_analysis *found)
{
    json_t *parts = json_array();

    for (size_t i = 0; i < found->n_parts; i++) {
        const es_found_part *part = &found->parts[i];
        json_array_append_new(
            parts, json_pack("{s:o, s:i, s:i, s:s, s:b, s:s, s:i, s:i, s:i, s:i}", "name",
                             string_of(part->name), "channel", part->channel + 1, "program",
                             part->program, "instrument",
                             part->is_drums ? "drums" : es_instrument_get(part->program)->name,
                             "drums", (int)part->is_drums, "role",
                             es_role_name((es_role)part->role), "notes", (int)part->n_notes, "low",
                             part->low, "high", part->high, "polyphony", part->polyphony));
    }
    return parts;
}

static json_t *notes_of(const es_analysis *found)
{
    json_t *notes = json_array();

    for (size_t i = 0; i < found->n_notes; i++) {
        const es_note *note = &found->notes[i];
        json_array_append_new(notes, json_pack("[f, f, i, i, i]", (double)note->start / ES_QUARTER,
                                               (double)note->duration / ES_QUARTER, note->key,
                                               found->velocities[i], note->part));
    }
    return notes;
}

static json_t *chords_of(const es_analysis *found)
{
    json_t *chords = json_array();
    char symbol[ES_CHORD_TEXT], roman[ES_CHORD_TEXT];

    for (uint32_t i = 0; i < found->n_beats; i++) {
        es_chord_symbol(symbol, sizeof symbol, found->chords[i], &found->key);
        es_roman_write(roman, sizeof roman, found->chords[i], found->key);
        json_array_append_new(chords, json_pack("[s, s]", symbol, roman));
    }
    return chords;
}

static json_t *odd_of(const es_smf *smf)
{
    json_t *odd = json_array();

    for (int i = 0; i < smf->n_notes; i++) {
        json_array_append_new(odd, string_of(smf->note[i]));
    }
    return odd;
}

static json_t *bars_of(const es_analysis *found)
{
    json_t *bars = json_array();

    for (uint32_t i = 0; i < found->n_bars; i++) {
        json_array_append_new(bars, json_integer(found->bar_like[i]));
    }
    return bars;
}

const char *estro_analysis_json(estro_analysis *analysis)
{
    const es_analysis *found = &analysis->found;
    char key[24];

    if (analysis->json) {
        return analysis->json;
    }
    es_key_write(key, sizeof key, found->key);
    json_t *all = json_pack(
        "{s:o, s:i, s:i, s:i, s:s, s:f, s:[i, i], s:f, s:i, s:f, s:i, s:b, s:o, s:o, s:o, s:o, "
        "s:o}",
        "file", string_of(analysis->path), "format", analysis->smf.format, "tracks",
        analysis->smf.n_tracks, "division", (int)analysis->smf.division, "key", key,
        "key_confidence", found->key_confidence, "meter", found->meter.numerator,
        found->meter.denominator, "tempo", found->tempo, "bars", (int)found->n_bars, "seconds",
        analysis->seconds, "grid", found->grid, "on_grid", (int)found->on_grid, "odd",
        odd_of(&analysis->smf), "parts", parts_of(found), "chords_of_beats", chords_of(found),
        "bar_like", bars_of(found), "notes", notes_of(found));
    analysis->json = all ? json_dumps(all, JSON_INDENT(1)) : NULL;
    json_decref(all);
    return analysis->json;
}
