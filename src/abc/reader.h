/**
 * @file reader.h
 * Between the files of the ABC reader: the text in hand, and what has been read of it.
 */
#ifndef ES_ABC_READER_H
#define ES_ABC_READER_H

#include "abc/abc.h"

/** A share of a whole note. */
typedef struct es_abc_length {
    int64_t num, den;
} es_abc_length;

enum {
    ES_ABC_REST = -1,
    ES_ABC_PLAIN = 100,       /**< No accidental. */
    ES_ABC_MOST_LENGTH = 4096 /**< Largest numerator and denominator of a written length. */
};

typedef struct es_abc_bar {
    bool ends_repeat, begins_repeat;
    bool is_double;   /**< Any bar line but the plain one. */
    uint16_t endings; /**< Bit n: an ending for the n-th time begins here; 0 = none. */
} es_abc_bar;

/** A note, a rest or a bar line, in the order of the text. */
typedef struct es_abc_event {
    bool is_bar;
    bool is_tied; /**< To the next note. */
    int16_t key;  /**< MIDI key, ES_ABC_REST. */
    es_abc_length length;
    es_abc_bar bar;
} es_abc_event;

/** What lasts until it is said otherwise. */
typedef struct es_abc_state {
    es_abc_length unit;
    bool has_unit, has_meter;
    es_meter meter;
    int8_t signature[7]; /**< Semitones that C D E F G A B are altered by. */
    int8_t accidental
        [7];         /**< The same in this bar, in all octaves; ES_ABC_PLAIN = by the signature. */
    int tuplet_left; /**< Notes of a tuplet to come, ... */
    es_abc_length tuplet; /**< ... each of which lasts this share of what is written. */
    int broken;           /**< '>' before the next note: its dots; negative: '<'. */
} es_abc_state;

typedef struct es_abc_reader {
    const char *text, *end;
    const char *at;
    const char *line_start;
    int line;
    const char *source;
    estro_diag *diag;
    es_abc *out;
    es_abc_state now;
    bool in_body;     /**< The first K: was met: notes may come. */
    bool skips_voice; /**< A voice after the first is being passed over. */
    char voice[16];   /**< The first voice; empty = none was named. */
    es_abc_event *events;
    size_t n_events, capacity;
} es_abc_reader;

/** ESTRO_ERR_SYNTAX at a place of the present line. */
estro_status es_abc_fail(const es_abc_reader *reader, const char *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/**
 * Read a field: its letter, and its value from `at` to `end`, without the colon.
 *
 * @param at  Of the value.
 */
estro_status es_abc_field(es_abc_reader *reader, char letter, const char *at, const char *end);

/** Read a line of music, from reader->at to `end`. */
estro_status es_abc_music(es_abc_reader *reader, const char *end);

/** A bar line: its accidentals hold no longer. */
void es_abc_forget_accidentals(es_abc_state *now);

/** Read a number, 0 where there is none. At most ES_ABC_MOST_LENGTH + 1. */
int64_t es_abc_number(const char **at, const char *end);

/** Play repeats out, and put bars in their places: events become the notes of reader->out. */
estro_status es_abc_unfold(es_abc_reader *reader);

es_tick es_abc_ticks(es_abc_length length);

#endif
