/* The settings of a training that fit a corpus, where nobody gave others. */
#include "train/trainer.h"

#include <math.h>
#include <unistd.h>

enum { LESSONS_A_PIECE = 4 };

static uint32_t processors(void)
{
    const long count = sysconf(_SC_NPROCESSORS_ONLN);

    return count < 1 ? 1 : count > 64 ? 64 : (uint32_t)count;
}

uint32_t es_training_threads(const estro_train_options *o, int processes)
{
    return o->threads ? o->threads : 1 + (processors() - 1) / (uint32_t)processes;
}

static double within(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

/*
 * Fitted between 65,000 notes of chorales (batches of 4, rate 0.004, dropout 0.3, decay 1, 60 epochs) and 380,000 of folk tunes
 * (8, 0.003, 0.15, 0.1, 12): less music is learned by heart sooner, and asks for more noise. Both come to some 3,400 steps.
 */
void es_training_settle(estro_train_options *o, const es_corpus *corpus, int processes)
{
    const double notes = (double)(corpus->n_notes ? corpus->n_notes : 1);
    const bool is_small = notes < 20000;
    size_t train = 0;

    for (size_t i = 0; i < corpus->n_pieces; i++) {
        train += !corpus->pieces[i].is_valid;
    }
    o->batch = o->batch ? o->batch : train < 500 ? 4 : 8;
    o->hidden = o->hidden ? o->hidden : is_small ? 128 : 192;
    o->decoder = o->decoder ? o->decoder : is_small ? 64 : 80;
    o->layers = o->layers ? o->layers : 1;
    o->threads = es_training_threads(o, processes);
    o->rate = o->rate > 0 ? o->rate : o->batch <= 4 ? 4e-3 : 3e-3;
    o->dropout = o->dropout > 0 ? o->dropout : within(0.3 * pow(65000 / notes, 0.4), 0.1, 0.5);
    o->decay = o->decay > 0 ? o->decay : within(pow(65000 / notes, 1.3), 0.1, 1);
    if (o->n_teachers == 0) {
        o->lessons = 0;
    } else if (o->lessons == 0) {
        o->lessons = (uint32_t)(LESSONS_A_PIECE * train);
    }
    if (o->epochs == 0) {
        const double batches = ceil((double)(train + o->lessons + 1) / o->batch);
        o->epochs = (uint32_t)within(3400 / batches, 8, 80);
    }
}
