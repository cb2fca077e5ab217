/* What a training tells of itself: the corpus before, the model with its card after. */
#include "train/profile.h"
#include "train/state.h"
#include "train/trainer.h"

#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "nn/model_file.h"
#include "stream/fingerprint.h"

#include <stdio.h>
#include <string.h>

enum { FEW_PIECES = 50 }; /* Fewer are learned by heart. */

static bool has_voices(const es_corpus *corpus)
{
    return corpus->profile != ES_PROFILE_DRUMS && corpus->profile != ES_PROFILE_NOTES;
}

void es_training_report(const estro_training *t, estro_corpus_report *report)
{
    const es_corpus *corpus = &t->corpus;
    const bool is_drums = corpus->profile == ES_PROFILE_DRUMS;

    *report = (estro_corpus_report){
        .files = corpus->n_files,
        .pieces = corpus->n_pieces - corpus->n_lessons,
        .train_pieces = t->n_train - corpus->n_lessons,
        .lessons = corpus->n_lessons,
        .valid_pieces = t->n_valid,
        .duplicates = corpus->n_duplicates,
        .skipped = corpus->n_skipped,
        .voices = corpus->coding.n_voices,
        .grid = is_drums                              ? corpus->drum_coding.grid
                : corpus->profile == ES_PROFILE_NOTES ? corpus->notes_coding.grid
                                                      : corpus->coding.grid,
        .chords = corpus->profile == ES_PROFILE_NOTES,
        .notes = corpus->n_notes,
        .weights = t->net.n_weights,
        .is_cached = corpus->is_cached,
        .note = corpus->note[0] ? corpus->note : NULL,
        .rank = (uint32_t)t->rank,
        .ranks = (uint32_t)t->n_ranks,
    };
    if (report->pieces < FEW_PIECES) {
        report->warning = "so few pieces that copies of them must be expected";
    }
}

/* ---- saving ---- */

/* Nats of the validation pieces by the net that plays, all three ways; per voice-step, and per note. */
typedef struct measure {
    double hidden, given, plan, per_note;
} measure;

static estro_status measure_best(const estro_training *t, measure *out, estro_diag *diag)
{
    const es_net best = {t->net.shape, t->net.n_weights, t->best, false};
    es_evaluation sum = {0};
    size_t cells = 0;

    for (size_t i = 0; i < t->corpus.n_pieces; i++) {
        const es_corpus_piece *piece = &t->corpus.pieces[i];
        es_evaluation one;
        if (!piece->is_valid) {
            continue;
        }
        ES_TRY(es_corpus_piece_evaluate(&one, &best, &t->corpus, piece, diag));
        sum.nats += one.nats;
        sum.nats_plan += one.nats_plan;
        sum.nats_given_plan += one.nats_given_plan;
        sum.notes += one.notes;
        cells += one.steps * one.voices;
    }
    *out = (measure){.hidden = sum.nats / (double)cells,
                     .given = sum.nats_given_plan / (double)cells,
                     .plan = sum.nats_plan / (double)cells,
                     .per_note = sum.nats / (double)(sum.notes ? sum.notes : 1)};
    return ESTRO_OK;
}

/* One line: what the coding is. */
static void write_coding(const es_corpus *corpus, char *out, size_t size)
{
    const es_coding *coding = &corpus->coding;

    if (corpus->profile == ES_PROFILE_DRUMS) {
        snprintf(out, size, "drums in %d lanes, %d steps a quarter", ES_KIT_LANES,
                 corpus->drum_coding.grid);
    } else if (corpus->profile == ES_PROFILE_NOTES) {
        snprintf(out, size, "chords of up to %d notes, %d steps a quarter",
                 corpus->notes_coding.most, corpus->notes_coding.grid);
    } else {
        snprintf(out, size, "%d voice(s), %d steps a quarter, %s bars, %s onsets", coding->n_voices,
                 coding->grid, coding->has_bars ? "with" : "without",
                 coding->has_onsets ? "with" : "without");
    }
}

static estro_status write_card(const estro_training *t, char *out, size_t size, estro_diag *diag)
{
    const estro_train_options *o = &t->options;
    char coding[96];
    measure m;
    char lessons[64] = "";

    ES_TRY(measure_best(t, &m, diag));
    if (t->corpus.n_lessons) {
        snprintf(lessons, sizeof lessons, "; %zu lessons by %zu teachers", t->corpus.n_lessons,
                 t->teachers.count);
    }
    write_coding(&t->corpus, coding, sizeof coding);
    snprintf(out, size,
             "corpus: %s\nlicence: %s\npieces: %zu to train, %zu to validate%s\n"
             "coding: %s\n"
             "net: %s, %u layer(s) of %u, decoder %u, %zu weights\n"
             "training: %llu epochs (best %llu), batch %u, rate %g, dropout %g, decay %g, "
             "seed %llu\n"
             "nats per %s: valid %.4f with the plan hidden, %.4f given the plan (the plan "
             "itself: "
             "%.4f), train %.4f\nnats per note: valid %.4f\n",
             t->name[0] ? t->name : "not named", t->licence[0] ? t->licence : "not stated",
             t->n_train - t->corpus.n_lessons, t->n_valid, lessons, coding,
             o->lstm ? "LSTM" : "GRU", o->layers, o->hidden, o->decoder, t->net.n_weights,
             (unsigned long long)t->place.epoch, (unsigned long long)t->place.best_epoch, o->batch,
             o->rate, o->dropout, o->decay, (unsigned long long)o->seed,
             has_voices(&t->corpus) ? "voice and step" : "grid step", m.hidden, m.given, m.plan,
             t->place.train_nats, m.per_note);
    return ESTRO_OK;
}

static estro_status collect(const estro_training *t, es_fingerprints *out, estro_diag *diag)
{
    for (size_t i = 0; i < t->corpus.n_pieces; i++) {
        const es_corpus_piece *piece = &t->corpus.pieces[i];
        if (!piece->is_valid && !piece->is_lesson && has_voices(&t->corpus)) {
            ES_TRY(es_fingerprints_add(out, &piece->roll, t->corpus.coding.has_onsets, diag));
        }
    }
    es_fingerprints_sort(out);
    return ESTRO_OK;
}

/* The bytes of a model file, its card written by the caller. */
static estro_status make_bytes(const estro_training *t, const es_net *net, es_model_meta *meta,
                               const es_fingerprints *prints, uint8_t **bytes, size_t *size,
                               estro_diag *diag)
{
    es_corpus_describe(&t->corpus, meta);
    meta->seed = t->options.seed;
    memcpy(meta->corpus_digest, t->corpus.digest, sizeof meta->corpus_digest);
    return es_model_write(bytes, size, net, meta, prints->list, prints->count, ES_WEIGHT_I8, diag);
}

estro_status es_training_save(estro_training *t, const char *path, estro_diag *diag)
{
    const es_net best = {t->net.shape, t->net.n_weights, t->best, false};

    if (t->place.best_epoch == 0 && t->n_ranks > 1 && t->is_broken) {
        return es_fail(diag, ESTRO_ERR_CANCELLED,
                       "nothing was validated yet, so no model is written");
    }
    if (t->place.best_epoch == 0) {
        ES_TRY(es_training_validate(t, diag));
    }
    if (t->rank > 0) {
        return ESTRO_OK;
    }
    es_model_meta *meta = es_calloc(1, sizeof *meta);
    es_fingerprints prints = {0};
    uint8_t *bytes = NULL;
    size_t size = 0;
    estro_status status = meta ? collect(t, &prints, diag) : es_fail_memory(diag);

    if (status == ESTRO_OK) {
        status = write_card(t, meta->card, sizeof meta->card, diag);
    }
    if (status == ESTRO_OK) {
        status = make_bytes(t, &best, meta, &prints, &bytes, &size, diag);
    }
    if (status == ESTRO_OK) {
        status = es_file_write(path, bytes, size, diag);
    }
    es_free(bytes);
    es_free(prints.list);
    es_free(meta);
    return status;
}

estro_status es_training_present(estro_training *t, uint8_t **bytes, size_t *size, estro_diag *diag)
{
    const es_fingerprints none = {0};
    es_model_meta *meta = es_calloc(1, sizeof *meta);
    es_net net = {t->net.shape, t->net.n_weights, es_calloc(t->net.n_weights, sizeof(float)),
                  false};
    estro_status status = meta && net.weights ? ESTRO_OK : es_fail_memory(diag);

    if (status == ESTRO_OK) {
        snprintf(meta->card, sizeof meta->card, "corpus: %s\nlicence: %s\na training under way\n",
                 t->name[0] ? t->name : "not named", t->licence[0] ? t->licence : "not stated");
        es_learner_weights(t->learner, net.weights);
        status = make_bytes(t, &net, meta, &none, bytes, size, diag);
    }
    es_free(net.weights);
    es_free(meta);
    return status;
}
