/**
 * @file quote.h
 * Quoting: what a phrase did is kept, so that a later phrase of the same label can say it again, note for note.
 *
 * A quote is no copy behind the composer's back: it narrows the options of each instant to the one that was taken the first time, so
 * rules, look-ahead and retreat hold as ever. Where the quoted note cannot stand, the bar is drawn anew.
 */
#ifndef ES_GEN_QUOTE_H
#define ES_GEN_QUOTE_H

#include "gen/sonority.h"
#include "score/score.h"

/** Notes of a phrase. es_quote_free. */
typedef struct es_quote {
    bool is_kept;
    uint32_t phrase; /**< Its index. */
    es_tick start, bar;
    es_track track[ES_MAX_LINES]; /**< Owned notes, all closed. */
    es_note *drums;               /**< Owned. */
    size_t n_drums, drums_capacity;
} es_quote;

/** Keep a phrase that is complete, in the place of another (NULL: none). @param tracks [ES_MAX_LINES], closed; borrowed. */
estro_status es_quote_keep(es_quote **place, const es_beats *beats, const es_track *tracks,
                           const es_note *drums, size_t n_drums, estro_diag *diag);
void es_quote_free(es_quote *quote);

/**
 * Options of a line that say again what the quoted line did at a tick, and can go on as it did.
 *
 * @param line     Among all lines.
 * @param shift    From the quote to here.
 * @param tick     Here.
 * @param part     Of the line; `actions` are what it may do.
 */
uint64_t es_quote_options(const es_quote *quote, const es_part *part, int line, es_shift shift,
                          es_tick tick, const es_option *options, int count,
                          const es_action *actions);

/** The next tick after `tick` at which one of the lines of the cast does something in the quote. */
es_tick es_quote_next(const es_quote *quote, const es_cast *cast, es_tick tick);

#endif
