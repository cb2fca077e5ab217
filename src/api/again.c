/*
 * Composing a piece again. It is first composed as it was made, and taken down: its plan and notes for the composer, which draws
 * what is free around them; its notes as played for the source, so that nothing of them can change. A note that sounds over the edge
 * of what is drawn stays as well: it belongs to both sides.
 */
#include "api/again.h"

#include "base/diag.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

void es_again_done(es_again *again)
{
    es_given_done(&again->given);
    es_kept_done(&again->kept);
    es_free(again->notes);
    es_free(again->played);
    es_free(again->bars);
    *again = (es_again){0};
}

/* ---- as it was ---- */

static estro_status take_bar(es_again *again, const es_again_how *how, const es_bar *bar,
                             es_played *played, estro_diag *diag)
{
    es_tempo_point tempo[ES_MAX_TEMPO_POINTS];
    size_t n_tempo, count = bar->n_notes;
    const size_t first = again->n_notes;

    if (how->as_written) {
        es_perform_plain(how->style, bar, played, tempo, &n_tempo);
    } else {
        count = es_perform_bar(how->style, how->seed, bar, played, tempo, &n_tempo);
    }
    for (size_t i = 0; i < bar->n_notes; i++) {
        if (!es_grow(&again->notes, again->n_notes, &again->notes_capacity, sizeof(es_note))) {
            return es_fail_memory(diag);
        }
        again->notes[again->n_notes++] = bar->notes[i];
    }
    for (size_t i = 0; i < count; i++) {
        if (!es_grow(&again->played, again->n_played, &again->played_capacity,
                     sizeof(es_was_played))) {
            return es_fail_memory(diag);
        }
        played[i].note += (uint32_t)first;
        again->played[again->n_played++] = (es_was_played){played[i], bar->index};
    }
    if (!es_grow(&again->bars, again->n_bars, &again->bars_capacity, sizeof(es_bar))) {
        return es_fail_memory(diag);
    }
    again->bars[again->n_bars++] = *bar;
    return ESTRO_OK;
}

static estro_status take_bars(es_again *again, const es_again_how *how, es_composer *composer,
                              estro_diag *diag)
{
    es_played *played = NULL;
    size_t capacity = 0;
    estro_status status;
    es_bar bar;

    while ((status = es_composer_next(composer, &bar, diag)) == ESTRO_OK) {
        const size_t most = es_perform_most(&bar);
        if (most > capacity) {
            es_played *grown = es_realloc(played, most, sizeof *grown);
            if (!grown) {
                status = es_fail_memory(diag);
                break;
            }
            played = grown;
            capacity = most;
        }
        status = take_bar(again, how, &bar, played, diag);
        if (status != ESTRO_OK) {
            break;
        }
    }
    es_free(played);
    return status == ESTRO_END ? ESTRO_OK : status;
}

estro_status es_again_take(es_again *again, const es_again_how *how,
                           const es_compose_options *options, estro_diag *diag)
{
    es_compose_options first = *options;
    es_composer *composer = NULL;

    if (options->freehand) {
        return es_fail(diag, ESTRO_ERR_UNSUPPORTED,
                       "what a model writes by itself, note after note, has no bars that can be "
                       "drawn again");
    }
    first.record = &again->given;
    ES_TRY(es_composer_new(&composer, how->style, &first, diag));
    const estro_status status = take_bars(again, how, composer, diag);
    es_composer_free(composer);
    return status;
}

/* ---- what stays ---- */

static bool is_drawn(const es_again *again, uint32_t bar, int part)
{
    return (es_bars_find(again->scopes, again->n_scopes, bar, part) != NULL) != again->is_pin;
}

static es_tick bar_start(const es_again *again, size_t bar)
{
    if (bar < again->n_bars) {
        return again->bars[bar].start;
    }
    return again->bars[again->n_bars - 1].start + again->bars[again->n_bars - 1].length;
}

/* Fix a part but for its rows of bars that are drawn, less what sounds over their ends. */
static bool fix_part(es_again *again, const es_style *style, int p)
{
    es_tick fixed_from = 0;

    for (size_t b = 0; b < again->n_bars;) {
        size_t end = b;
        while (end < again->n_bars && is_drawn(again, (uint32_t)end, p)) {
            end++;
        }
        if (end == b) {
            b++;
            continue;
        }
        const es_given_range row = {bar_start(again, b), bar_start(again, end)};
        const es_given_range open = es_given_inside(&again->given, &style->parts[p], row);
        if (open.start < open.end) {
            if (open.start > fixed_from &&
                !es_given_add_range(&again->given, p, fixed_from, open.start)) {
                return false;
            }
            fixed_from = open.end;
        }
        b = end;
    }
    return fixed_from >= bar_start(again, again->n_bars) ||
           es_given_add_range(&again->given, p, fixed_from, ES_OPEN_END);
}

static uint64_t seed_of_try(uint64_t seed, uint32_t attempt)
{
    return seed + attempt * UINT64_C(0x9e3779b97f4a7c15);
}

static bool add_chances(es_again *again, uint64_t seed)
{
    for (size_t i = 0; i < again->n_scopes && !again->is_pin; i++) {
        const es_bars_of_part *scope = &again->scopes[i];
        const es_given_chance chance = {.start = bar_start(again, scope->first),
                                        .end = scope->last == UINT32_MAX
                                                   ? ES_OPEN_END
                                                   : bar_start(again, (size_t)scope->last + 1),
                                        .parts = scope->parts,
                                        .seed = seed_of_try(seed, scope->attempt)};
        if (!es_given_add_chance(&again->given, &chance)) {
            return false;
        }
    }
    return es_given_add_chance(
        &again->given, &(es_given_chance){0, ES_OPEN_END, UINT32_MAX, seed_of_try(seed, 1)});
}

static bool keep_played(es_again *again)
{
    for (size_t i = 0; i < again->n_played; i++) {
        const es_was_played *was = &again->played[i];
        if (es_given_at(&again->given, was->played.part, again->notes[was->played.note].start) &&
            !es_kept_add(&again->kept, &was->played, was->bar)) {
            return false;
        }
    }
    return true;
}

estro_status es_again_fix(es_again *again, const es_again_how *how, const char *text, bool is_pin,
                          uint64_t seed, estro_diag *diag)
{
    again->is_pin = is_pin;
    again->given.is_anew = !is_pin;
    if (text) {
        ES_TRY(es_bars_parse(again->scopes, &again->n_scopes, text, how->style, diag));
        ES_TRY(es_bars_check(again->scopes, again->n_scopes, (uint32_t)again->n_bars, diag));
    }
    for (uint32_t p = 0; p < how->style->n_parts; p++) {
        if (!fix_part(again, how->style, (int)p)) {
            return es_fail_memory(diag);
        }
    }
    return add_chances(again, seed) && keep_played(again) ? ESTRO_OK : es_fail_memory(diag);
}

/* ---- what came of it ---- */

/* Whether all that a bar draws of a part was there, and as much as was there. */
static bool is_same(const es_again *again, const es_bar *bar, int part)
{
    size_t now = 0, before = 0;

    for (size_t i = 0; i < again->n_notes; i++) {
        const es_note *old = &again->notes[i];
        if (old->part != part || old->start < bar->start ||
            old->start >= bar->start + bar->length ||
            es_given_at(&again->given, part, old->start)) {
            continue;
        }
        bool found = false;
        for (size_t j = 0; j < bar->n_notes && !found; j++) {
            const es_note *note = &bar->notes[j];
            found = !note->is_given && note->part == part && note->start == old->start &&
                    note->key == old->key && note->duration == old->duration &&
                    note->accent == old->accent;
        }
        if (!found) {
            return false;
        }
        before++;
    }
    for (size_t j = 0; j < bar->n_notes; j++) {
        now += bar->notes[j].part == part && !bar->notes[j].is_given;
    }
    return now == before;
}

void es_again_compare(es_again *again, const es_style *style, const es_bar *bar)
{
    for (uint32_t p = 0; p < style->n_parts && !again->is_pin; p++) {
        const size_t used = strlen(again->same);
        if (is_drawn(again, bar->index, (int)p) && is_same(again, bar, (int)p)) {
            snprintf(again->same + used, sizeof again->same - used, "%sbar %lu of %s",
                     used ? ", " : "", (unsigned long)bar->index + 1, style->parts[p].name);
        }
    }
}
