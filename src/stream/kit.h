/**
 * @file kit.h
 * The drum kit as a stream sees it: eleven pieces in seven lanes, three levels of loudness, and families of style.
 *
 * A lane is what one hand or foot plays at an instant: at most one hit. So a choice of a lane is one of "nothing", or a
 * piece at a level.
 */
#ifndef ES_STREAM_KIT_H
#define ES_STREAM_KIT_H

#include <stddef.h>
#include <stdint.h>

typedef enum es_kit_piece {
    ES_KIT_KICK,
    ES_KIT_SNARE,
    ES_KIT_RIM,
    ES_KIT_HAT,
    ES_KIT_OPEN,
    ES_KIT_RIDE,
    ES_KIT_PEDAL,
    ES_KIT_CRASH,
    ES_KIT_HIGH_TOM,
    ES_KIT_MID_TOM,
    ES_KIT_LOW_TOM,
    ES_KIT_PIECES
} es_kit_piece;

enum {
    ES_KIT_LANES = 7, /**< Kick, snare and rim, hats, ride, pedal, crash, toms: in drawing order. */
    ES_KIT_LEVELS = 3, /**< Soft, plain, accented. */
    ES_KIT_CANDIDATES =
        10, /**< Of the lane that has most: nothing, and three pieces at three levels. */
    ES_KIT_SOFT_BELOW = 48,   /**< Velocities below are soft, ... */
    ES_KIT_ACCENT_FROM = 100, /**< ... from here on accented. */
    ES_FAMILIES = 13          /**< Families of style; the last is any other. */
};

/** Word of a piece in the language of styles. Static. */
const char *es_kit_name(int piece);

/** General MIDI key of a piece; and the piece that a key means on this or a larger kit, -1 for none. */
uint8_t es_kit_key(int piece);
int es_kit_piece_of_key(int key);

int es_kit_lane(int piece);

/** Choices of a lane: 0 nothing, then its pieces, each soft, plain, accented. */
int es_kit_candidates(int lane);
int es_kit_candidate(int piece, int accent);
/** Piece and accent (-1, 0, 1) of a choice that is not 0. */
int es_kit_piece_of(int lane, int candidate);
int es_kit_accent_of(int candidate);

/** Accent of a velocity. */
int es_kit_accent(int velocity);

/** Word of a family ("rock"). Static. */
const char *es_family_name(int family);

/** The family that a text names by a word of its own ("12_latin-samba_100_beat.mid"); the last one when none does. */
int es_family_of(const char *text);

#endif
