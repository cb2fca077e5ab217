/*
 * Quotes: the tracks of a phrase, kept, and read again by time.
 */
#include "gen/quote.h"

#include "base/diag.h"

void es_quote_free(es_quote *quote)
{
    for (int l = 0; quote && l < ES_MAX_LINES; l++) {
        es_free(quote->track[l].notes);
    }
    if (quote) {
        es_free(quote->drums);
    }
    es_free(quote);
}

static bool keep_track(es_track *kept, const es_track *track)
{
    kept->count = 0;
    kept->entry = track->entry;
    if (!es_reserve(&kept->notes, track->count, &kept->capacity, sizeof *kept->notes)) {
        return false;
    }
    for (size_t i = 0; i < track->count; i++) {
        kept->notes[kept->count++] = track->notes[i];
    }
    return true;
}

estro_status es_quote_keep(es_quote **place, const es_beats *beats, const es_track *tracks,
                           const es_note *drums, size_t n_drums, estro_diag *diag)
{
    *place = *place ? *place : es_calloc(1, sizeof **place);
    es_quote *quote = *place;
    if (!quote) {
        return es_fail_memory(diag);
    }
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
    if (!es_reserve(&quote->drums, n_drums, &quote->drums_capacity, sizeof *drums)) {
        return es_fail_memory(diag);
    }
    for (size_t i = 0; i < n_drums; i++) {
        quote->drums[quote->n_drums++] = drums[i];
    }
    quote->is_kept = true;
    return ESTRO_OK;
}

static bool says_again(const es_option *option, const es_action *action, const es_track *track,
                       es_tick tick, int semitones)
{
    const int at = es_track_find(track, tick);
    const es_track_note *note = at >= 0 ? &track->notes[at] : NULL;

    if (note && note->start == tick) {
        return option->act == ES_ACT_STRIKE && option->pitch == note->pitch + semitones &&
               action->accent == note->accent && action->marks == note->marks;
    }
    if (note && note->end > tick) {
        return option->act == ES_ACT_HOLD && option->pitch == note->pitch + semitones;
    }
    return option->pitch == ES_SILENT;
}

/* When a part acts next after `tick`. */
static es_tick part_acts(const es_quote *quote, const es_part *part, es_tick tick)
{
    es_tick next = ES_OPEN_END;

    for (int l = part->first_line; l < part->first_line + part->n_lines; l++) {
        const es_tick acts = es_track_next(&quote->track[l], tick);
        next = acts < next ? acts : next;
    }
    return next;
}

uint64_t es_quote_options(const es_quote *quote, const es_part *part, int line, es_shift shift,
                          es_tick tick, const es_option *options, int count,
                          const es_action *actions)
{
    const es_track *track = &quote->track[line];
    const es_tick acts = part_acts(quote, part, tick - shift.ticks);
    uint64_t set = 0;

    for (int o = 0; o < count; o++) {
        const es_action *action = &actions[options[o].action];
        /* Of several cells that strike here, only those go on when the quote does; silence may be several rests. */
        const bool is_silent = options[o].pitch == ES_SILENT;
        const bool goes_on =
            acts == ES_OPEN_END || (action->earliest <= acts + shift.ticks &&
                                    (is_silent || action->latest >= acts + shift.ticks));
        if (goes_on &&
            says_again(&options[o], action, track, tick - shift.ticks, shift.semitones)) {
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
