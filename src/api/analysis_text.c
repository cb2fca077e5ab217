/*
 * An analysed file for a terminal: what it is, its parts, a lead sheet, which bars are alike, and a piano roll.
 */
#include "api/analysed.h"

#include "analysis/form.h"
#include "base/mem.h"
#include "style/names.h"

#include <stdio.h>

static void add_head(es_text *text, const estro_analysis *self)
{
    const es_analysis *found = &self->found;
    char key[24];
    const long seconds = (long)(self->seconds + 0.5);

    es_key_write(key, sizeof key, found->key);
    es_text_add(text, "%s: format %d, %d tracks, %ld ticks to a quarter\n", self->path,
                self->smf.format, self->smf.n_tracks, (long)self->smf.division);
    es_text_add(text, "%d/%d, %.4g quarters a minute, %s (%.0f %% sure), %lu bars, %ld:%02ld\n",
                found->meter.numerator, found->meter.denominator, found->tempo, key,
                100 * found->key_confidence, (unsigned long)found->n_bars, seconds / 60,
                seconds % 60);
    es_text_add(text, "%zu notes, %s %d to a quarter\n", found->n_notes,
                found->on_grid ? "on a grid of" : "played freely; nearest grid:", found->grid);
    for (int i = 0; i < self->smf.n_notes; i++) {
        es_text_add(text, "odd: %s\n", self->smf.note[i]);
    }
}

/** A name out of a file, filled up to `width` characters, with no byte that a terminal might obey. */
static void add_name(es_text *text, const char *name, int width)
{
    int length = 0;

    while (*name && length < width) {
        const unsigned char c = (unsigned char)*name;
        const int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc2 ? 1 : 0;
        int bytes = 1;
        while (bytes <= more && ((unsigned char)name[bytes] & 0xc0u) == 0x80u) {
            bytes++;
        }
        if (bytes <= more || (more == 0 && (c < ' ' || c >= 0x7f))) {
            es_text_add(text, "?");
        } else {
            es_text_add(text, "%.*s", bytes, name);
        }
        name += bytes;
        length++;
    }
    es_text_fill(text, ' ', (size_t)(width - length));
}

static void add_parts(es_text *text, const es_analysis *found)
{
    es_text_add(text, "\n%-20s %7s %-24s %6s %-9s %6s %s\n", "part", "channel", "instrument",
                "notes", "range", "at once", "role");
    for (size_t i = 0; i < found->n_parts; i++) {
        const es_found_part *part = &found->parts[i];
        char low[8], high[8], range[20] = "";

        if (!part->is_drums) {
            es_pitch_write(low, sizeof low, part->low, &found->key);
            es_pitch_write(high, sizeof high, part->high, &found->key);
            snprintf(range, sizeof range, "%s-%s", low, high);
        }
        add_name(text, part->name, 20);
        es_text_add(text, " %7d %-24.24s %6lu %-9s %7d %s\n", part->channel + 1,
                    part->is_drums ? "drums" : es_instrument_get(part->program)->name,
                    (unsigned long)part->n_notes, range, part->polyphony,
                    es_role_name((es_role)part->role));
    }
}

/** Chords of a bar: a symbol where one begins, "." where it goes on. */
static void add_chords(es_text *text, const es_analysis *found, uint32_t bar)
{
    const uint32_t beats = (uint32_t)es_meter_beats(found->meter);
    char symbol[ES_CHORD_TEXT];

    for (uint32_t beat = bar * beats; beat < (bar + 1) * beats && beat < found->n_beats; beat++) {
        const bool goes_on =
            beat > bar * beats && es_chord_equal(found->chords[beat], found->chords[beat - 1]);
        es_chord_symbol(symbol, sizeof symbol, found->chords[beat], &found->key);
        es_text_add(text, " %-*s", beats > 4 ? 4 : 6, goes_on ? "." : symbol);
    }
}

/** A letter a bar: bars alike share theirs; '*' when letters are used up. Owned (es_free); NULL without memory. */
static char *letter_bars(const es_analysis *found)
{
    char *letters = es_calloc(found->n_bars, 1);
    unsigned next = 0;

    for (uint32_t i = 0; letters && i < found->n_bars; i++) {
        if (found->bar_like[i] >= 0) {
            letters[i] = letters[found->bar_like[i]];
        } else {
            letters[i] = (char)(next < 26 ? 'a' + next : next < 52 ? 'A' + (next - 26) : '*');
            next++;
        }
    }
    return letters;
}

static void add_lead_sheet(es_text *text, const es_analysis *found, int columns)
{
    const int beats = es_meter_beats(found->meter);
    const int width = beats * (beats > 4 ? 5 : 7) + 3;
    const int fit = (columns - 6) / width;
    const uint32_t per_line = fit >= 8 ? 8 : fit >= 4 ? 4 : fit >= 2 ? 2 : 1;
    char *letters = letter_bars(found);

    if (!letters) {
        text->has_failed = true;
        return;
    }
    es_text_add(text, "\nchords, a symbol a beat; bars with the same letter are alike\n");
    for (uint32_t bar = 0; bar < found->n_bars; bar++) {
        if (bar % per_line == 0) {
            es_text_add(text, "%s%4lu ", bar ? "|\n" : "", (unsigned long)bar + 1);
        }
        es_text_add(text, "|%c", letters[bar]);
        add_chords(text, found, bar);
    }
    es_text_add(text, "|\n");
    es_free(letters);
}

/** Which passages repeat an earlier one. */
static void add_form(es_text *text, const es_analysis *found)
{
    es_repeat repeat;
    const char *before = "repeats: bars";

    for (uint32_t from = 0; es_form_next_repeat(&repeat, found->bar_like, found->n_bars, from);
         from = repeat.first + repeat.count) {
        es_text_add(text, "%s %lu-%lu as %lu-%lu", before, (unsigned long)repeat.first + 1,
                    (unsigned long)(repeat.first + repeat.count), (unsigned long)repeat.like + 1,
                    (unsigned long)(repeat.like + repeat.count));
        before = ",";
    }
    if (*before == ',') {
        es_text_add(text, "\n");
    }
}

void es_describe(estro_analysis *analysis, int columns)
{
    es_text *text = &analysis->text;

    add_head(text, analysis);
    add_parts(text, &analysis->found);
    add_lead_sheet(text, &analysis->found, columns);
    add_form(text, &analysis->found);
    es_describe_roll(text, &analysis->found, columns);
}
