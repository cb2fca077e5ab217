/**
 * @file given.h
 * Parts that the user gives: read from a MIDI file, fixed note for note, and played as they stand there.
 */
#ifndef ES_API_GIVEN_H
#define ES_API_GIVEN_H

#include "gen/composer.h"
#include "perform/kept.h"

typedef struct es_user_parts es_user_parts;

/**
 * Read the tracks that are named like parts of the style; where none is, the only one with notes is its first melody.
 *
 * @param style  Kept. @param grids [n_parts]: shortest time that each part knows, ticks; borrowed.
 * @return ESTRO_ERR_IO, ESTRO_ERR_FORMAT, ESTRO_ERR_ARGUMENT: another metre, no such part.
 */
estro_status es_user_parts_read(es_user_parts **out, const char *path, const es_style *style,
                                const es_tick *grids, estro_diag *diag);
void es_user_parts_free(es_user_parts *parts);

/** Set what the options leave open (key, length), and fix the notes. The options borrow from `parts`. */
void es_user_parts_set(es_user_parts *parts, es_compose_options *options);

/** What is played in their place. */
const es_kept *es_user_parts_kept(const es_user_parts *parts);

/** Of the bytes of the file. */
const uint8_t *es_user_parts_digest(const es_user_parts *parts);

#endif
