/*
 * Tracks to parts: an alignment of two rows by dynamic programming, as both are in the order of the score. A pair counts the bars of the
 * track that some pattern of the part can have.
 */
#include "recognise/cast.h"

#include "base/diag.h"
#include "base/mem.h"
#include "recognise/inside.h"

enum { SLOT_FREE, SLOT_SILENT, FIRST_SLOT };

static uint32_t slot_of(const es_casting *c, es_playing playing)
{
    return playing.pattern == -1   ? (uint32_t)SLOT_FREE
           : playing.pattern == -2 ? (uint32_t)SLOT_SILENT
                                   : c->slot[playing.pattern] + playing.cell_bar;
}

const es_fit *es_casting_fit(es_casting *c, uint32_t part, es_playing playing, uint32_t bar)
{
    const uint32_t n_bars = c->hearing[part].heard->n_bars;
    es_fit **fit = &c->fits[((size_t)part * c->n_slots + slot_of(c, playing)) * n_bars + bar];

    if (!*fit) {
        es_fit *made = es_arena_calloc(&c->arena, 1, sizeof *made);
        if (!made ||
            es_fit_bar(made, &c->hearing[part], playing, bar, &c->arena, NULL) != ESTRO_OK) {
            return NULL;
        }
        *fit = made;
    }
    return *fit;
}

static bool is_in_range(const es_part *part, const es_heard_track *track)
{
    for (size_t e = 0; part->role != ES_ROLE_DRUMS && e < track->n_events; e++) {
        const es_heard_event *event = &track->events[e];
        if (event->key[0] > part->high || event->key[event->count - 1] < part->low ||
            event->count > part->n_lines) {
            return false;
        }
    }
    return true;
}

/* What a part plays in the textures of a style. */
typedef struct repertoire {
    int16_t *patterns; /* [count], each once, and as es_playing.pattern has them; of the arena */
    size_t count;
} repertoire;

static void learn_pattern(repertoire *r, int16_t pattern)
{
    for (size_t i = 0; i < r->count; i++) {
        if (r->patterns[i] == pattern) {
            return;
        }
    }
    r->patterns[r->count++] = pattern;
}

static bool learn_all(repertoire *r, const es_style *style, uint32_t part, es_arena *arena)
{
    r->count = 0;
    r->patterns = es_arena_calloc(arena, style->n_patterns + 2, sizeof *r->patterns);
    for (uint32_t t = 0; r->patterns && t < style->n_textures; t++) {
        const es_texture_part *plays = &style->textures[t].part[part];
        learn_pattern(r, plays->plays ? plays->pattern : (int16_t)-2);
        if (plays->plays && plays->first_pattern >= 0) {
            learn_pattern(r, plays->first_pattern);
        }
        if (plays->plays && plays->last_pattern >= 0) {
            learn_pattern(r, plays->last_pattern);
        }
    }
    return r->patterns;
}

/* Whether bar `bar` fits some bar of what the part plays. */
static bool fits_somewhere(const es_hearing *h, const repertoire *r, uint32_t bar, es_arena *arena)
{
    for (size_t i = 0; i < r->count; i++) {
        const int16_t pattern = r->patterns[i];
        const int bars = pattern >= 0 ? h->style->patterns[pattern].bars : 1;
        for (int k = 0; k < bars; k++) {
            es_fit fit;
            const es_playing playing = {pattern, (uint8_t)k};
            if (es_fit_bar(&fit, h, playing, bar, arena, NULL) == ESTRO_OK &&
                fit.log_p > ES_NEVER) {
                return true;
            }
        }
    }
    return false;
}

/* Bars of a track that a part can have; -1 when it cannot be that part. */
static int agreement(const es_style *style, const es_heard *heard, size_t track, uint32_t part,
                     const repertoire *plays)
{
    const es_hearing h = {.style = style,
                          .part = &style->parts[part],
                          .heard = heard,
                          .track = &heard->tracks[track],
                          .is_modelled = style->groups[style->parts[part].group].model != NULL};
    es_arena arena = {0};
    int bars = 0;

    if (!is_in_range(h.part, h.track)) {
        return -1;
    }
    for (uint32_t b = 0; b < heard->n_bars; b++) {
        if (h.track->bar_first[b + 1] > h.track->bar_first[b]) {
            bars += fits_somewhere(&h, plays, b, &arena);
        }
        es_arena_done(&arena);
    }
    return bars;
}

/* The best way to give tracks 0 .. t-1 to parts 0 .. p-1; score[t][p], -1 = none. */
static bool align(int8_t *part_of, const es_style *style, const repertoire *plays,
                  const es_heard *heard)
{
    int score[ES_MAX_PARTS + 1][ES_MAX_PARTS + 1];
    bool taken[ES_MAX_PARTS + 1][ES_MAX_PARTS + 1];
    const size_t n = heard->n_tracks;

    for (size_t t = 0; t <= n; t++) {
        for (uint32_t p = 0; p <= style->n_parts; p++) {
            score[t][p] = t == 0 ? 0 : -1;
            taken[t][p] = false;
            if (t == 0 || p == 0) {
                continue;
            }
            const int bars = score[t - 1][p - 1] >= 0
                                 ? agreement(style, heard, t - 1, p - 1, &plays[p - 1])
                                 : -1;
            score[t][p] = score[t][p - 1];
            if (bars >= 0 && score[t - 1][p - 1] + bars > score[t][p]) {
                score[t][p] = score[t - 1][p - 1] + bars;
                taken[t][p] = true;
            }
        }
    }
    if (score[n][style->n_parts] < 0) {
        return false;
    }
    for (size_t t = n, p = style->n_parts; t > 0; p--) {
        if (taken[t][p]) {
            part_of[--t] = (int8_t)(p - 1);
        }
    }
    return true;
}

estro_status es_casting_make(es_casting *out, const es_style *style, const es_heard *heard,
                             bool *is_cast, estro_diag *diag)
{
    int8_t part_of[ES_MAX_PARTS];
    repertoire plays[ES_MAX_PARTS];

    *out = (es_casting){.n_slots = FIRST_SLOT};
    for (uint32_t p = 0; p < style->n_parts; p++) {
        if (!learn_all(&plays[p], style, p, &out->arena)) {
            return es_fail_memory(diag);
        }
    }
    *is_cast = heard->n_tracks <= style->n_parts && align(part_of, style, plays, heard);
    if (!*is_cast) {
        return ESTRO_OK;
    }
    out->slot = es_arena_calloc(&out->arena, style->n_patterns + 1, sizeof *out->slot);
    if (!out->slot) {
        return es_fail_memory(diag);
    }
    for (uint32_t i = 0; i < style->n_patterns; i++) {
        out->slot[i] = out->n_slots;
        out->n_slots += style->patterns[i].bars;
    }
    for (uint32_t p = 0; p < style->n_parts; p++) {
        out->hearing[p] =
            (es_hearing){.style = style,
                         .part = &style->parts[p],
                         .heard = heard,
                         .is_modelled = style->groups[style->parts[p].group].model != NULL};
    }
    for (size_t t = 0; t < heard->n_tracks; t++) {
        out->hearing[part_of[t]].track = &heard->tracks[t];
    }
    out->fits = es_arena_calloc(&out->arena, (size_t)style->n_parts * out->n_slots * heard->n_bars,
                                sizeof(es_fit *));
    return out->fits ? ESTRO_OK : es_fail_memory(diag);
}

void es_casting_done(es_casting *casting)
{
    es_arena_done(&casting->arena);
}
