/**
 * @file again.h
 * A piece composed again, but for some of it: what it was, what of that stays, and what came of the rest.
 */
#ifndef ES_API_AGAIN_H
#define ES_API_AGAIN_H

#include "api/bars.h"
#include "api/made.h"
#include "gen/composer.h"
#include "perform/kept.h"

/** A played note of the piece as it was. */
typedef struct es_was_played {
    es_played played; /**< `note` is an index into es_again.notes. */
    uint32_t bar;
} es_was_played;

typedef struct es_again {
    es_given given; /**< All its notes, and where they stay. Kept by the composer. */
    es_kept kept;   /**< What of it is played as it was. Kept by the source. */
    es_bars_of_part scopes[ES_MOST_BAR_SETS];
    size_t n_scopes;
    bool is_edited; /**< A file has other notes than the piece was composed with. */
    bool is_pin;    /**< The scopes are what stays, not what is drawn. */
    es_note *notes; /**< Owned: as they were, in score order. */
    size_t n_notes, notes_capacity;
    es_was_played *played; /**< Owned; by bar. */
    size_t n_played, played_capacity;
    es_bar *bars; /**< Owned; their notes are not to be looked at. */
    size_t n_bars, bars_capacity;
    char same
        [160]; /**< Bars and parts that were drawn and came out as they were, "bar 17 of alto, ..." */
} es_again;

/** How the first time was played. */
typedef struct es_again_how {
    const es_style *style;
    uint64_t seed; /**< Of the performance. */
    bool as_written;
} es_again_how;

/** Compose the piece and take down what it is. @param options  As it was made. */
estro_status es_again_take(es_again *again, const es_again_how *how,
                           const es_compose_options *options, estro_diag *diag);

/** Put the notes of a file in the place of those that it was composed with. @return ESTRO_ERR_ARGUMENT for tracks of no part. */
estro_status es_again_read(es_again *again, const es_again_how *how, const estro_made *file,
                           estro_diag *diag);

/**
 * Fix all that is not to be drawn.
 *
 * @param text   Scopes. @param is_pin  They are what stays.
 * @param seed   Of what is drawn; each try makes another of it.
 */
estro_status es_again_fix(es_again *again, const es_again_how *how, const char *text, bool is_pin,
                          uint64_t seed, estro_diag *diag);

/** Note what of a new bar came out as it was. */
void es_again_compare(es_again *again, const es_style *style, const es_bar *bar);

void es_again_done(es_again *again);

#endif
