/* Text rolls: a line `seq NUMBER FRAMES`, then for each frame the pitches that sound, or `-`. */
#ifndef ROLLS_H
#define ROLLS_H

#include "stream/notes_roll.h"

typedef struct rolls {
    es_frames *pieces;
    size_t n_pieces, n_frames;
} rolls;

/** Read CORPORA/bl2012/SET.SPLIT.txt. */
estro_status rolls_read(rolls *out, const char *corpora, const char *set, const char *split,
                        estro_diag *diag);
void rolls_done(rolls *r);

#endif
