/**
 * @file match.h
 * Earlier places of the piece that agree with the present one, and what they foretell.
 *
 * Music repeats literally; the longest agreeing past tells the next note better than any statistics. Whole numbers only,
 * computed from the history alone, so that going back needs nothing here.
 */
#ifndef ES_STREAM_MATCH_H
#define ES_STREAM_MATCH_H

#include "stream/history.h"

enum {
    ES_MATCH_WINDOW = 2048, /**< Instants or notes that are searched. */
    ES_MATCH_LONGEST = 32   /**< Agreement beyond this counts as this. */
};

/** Fill in what is foretold of the open instant. */
void es_match_open(es_stream *stream);

/** What voice `voice` alone foretells from where it stands in the open instant, its change there included. */
es_foretold es_match_voice(const es_stream *stream, int voice, bool shifted);

/** What the joint match foretells of a voice. */
es_foretold es_match_joint(const es_stream *stream, int voice);

#endif
