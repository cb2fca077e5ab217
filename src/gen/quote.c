/*
 * Quotes: the tracks of a phrase, kept, and read again by time.
 */
#include "gen/quote.h"

#include "base/diag.h"

void es_quote_done(es_quote *quote)
{
    for (int l = 0; l < ES_MAX_LINES; l++) {
        es_free(quote->track[l].notes);
    }
    es_free(quote->drums);
    *quote = (es_quote){0};
}

static bool keep_track(es_track *kept, const es_track *track)
{
    kept->count = 0;
    kept->entry = track->entry;
    for (size_t i = 0; i < track->count; i++) {
        if (!es_grow(&kept->notes, kept->count, &kept->capacity, sizeof *kept->notes)) {
            return false;
        }
        kept->notes[kept->count++] = track->notes[i];
    }
    return true;
}

estro_status es_quote_keep(es_quote *quote, const es_beats *beats, const es_track *tracks,
                           const es_note *drums, size_t n_drums, estro_diag *diag)
{
    quote->is_kept = false;
    quote->phrase = beats->phrase->index;
    quote->start = beats->start;
    quote->bar = beats->bar;
    quote->n_drums = 0;
    for (int l = 0; l < ES_MAX_LINES; l++) {
        if (!keep_track(&quote->track[l], &tracks[l])) {
            return es_fail_memory(diag);
        }
    }
    for (size_t i = 0; i < n_drums; i++) {
        if (!es_grow(&quote->drums, quote->n_drums, &quote->drums_capacity, sizeof *drums)) {
            return es_fail_memory(diag);
        }
        quote->drums[quote->n_drums++] = drums[i];
    }
    quote->is_kept = true;
    return ESTRO_OK;
}

static bool says_again(const es_option *option, const es_track *track, es_tick tick)
{
    const int at = es_track_find(track, tick);
    const es_track_note *note = at >= 0 ? &track->notes[at] : NULL;

    if (note && note->start == tick) {
        return option->act == ES_ACT_STRIKE && option->pitch == note->pitch;
    }
    if (note && note->end > tick) {
        return option->act == ES_ACT_HOLD && option->pitch == note->pitch;
    }
    return option->pitch == ES_SILENT;
}

uint64_t es_quote_options(const es_quote *quote, int line, es_tick tick, const es_option *options,
                          int count)
{
    uint64_t set = 0;

    for (int o = 0; o < count; o++) {
        if (says_again(&options[o], &quote->track[line], tick)) {
            set |= (uint64_t)1 << o;
        }
    }
    return set;
}

es_tick es_quote_next(const es_quote *quote, const es_cast *cast, es_tick tick)
{
    es_tick next = ES_OPEN_END;

    for (int i = 0; i < cast->n_lines; i++) {
        const es_tick acts = es_track_next(&quote->track[cast->line[i]], tick);
        next = acts < next ? acts : next;
    }
    return next;
}
