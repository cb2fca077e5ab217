/**
 * @file sheet.h
 * Chord sheets: "Dm7 G7 | Cmaj7 | % |". Bars are divided by "|", the chords of a bar share its beats, "%" repeats the bar before.
 */
#ifndef ES_MUSIC_SHEET_H
#define ES_MUSIC_SHEET_H

#include "music/chord.h"
#include "music/time.h"

/** A sheet being read, bar by bar. */
typedef struct es_sheet {
    const char *text; /**< [size]. Kept. */
    size_t size;
    size_t at;                  /**< Byte to go on from; after a failure, where it is. */
    int beats;                  /**< To the bar. */
    int n_bars;                 /**< Read so far. */
    es_chord bar[ES_MAX_BEATS]; /**< A chord a beat, of the bar read last. */
    const char *trouble;        /**< Why it failed: static, or `message`. */
    char message[112];
} es_sheet;

typedef enum es_sheet_result { ES_SHEET_BAR, ES_SHEET_END, ES_SHEET_BAD } es_sheet_result;

/** @param beats  To the bar, 1 to ES_MAX_BEATS. */
void es_sheet_init(es_sheet *sheet, const char *text, size_t size, int beats);

/** The next bar. Its chords get its beats as evenly as whole beats allow, the earlier ones fewer where it does not come out even. */
es_sheet_result es_sheet_next(es_sheet *sheet);

#endif
