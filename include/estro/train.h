/**
 * @file train.h
 * Training of models: the part of estro.h, which includes it, that few hosts need.
 */
#ifndef ESTRO_TRAIN_H
#define ESTRO_TRAIN_H

#include <estro/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct estro_model estro_model;

typedef struct estro_train_options {
    uint32_t size;
    uint64_t seed;
    const char *const *paths; /**< Folders and files; borrowed. */
    size_t n_paths;
    const char *const
        *valid; /**< Files and folders to validate on; NULL = a tenth of the pieces. Borrowed. */
    size_t n_valid;
    double
        minutes; /**< Time to train, 0 = by epochs. Speed is measured once, and what fits is planned. */
    uint32_t epochs;                  /**< 0 = as fits the corpus. */
    uint32_t threads;                 /**< 0 = as many as there are processors. */
    bool lstm;                        /**< LSTM instead of GRU. */
    uint32_t hidden, decoder, layers; /**< 0 = as fits the corpus. */
    uint32_t batch;                   /**< Pieces a step; 0 = 8. */
    double rate, dropout, decay;      /**< 0 = as fits. */
    bool no_bars;                     /**< Bar lines of these files mean nothing. */
    uint32_t voices;                  /**< Voices to model, 0 = what the files have. */
    const char *name;                 /**< Corpus and licence for the card: text. Borrowed. */
    const char *licence;
    const char *
        cache; /**< Folder to keep coded corpora in, NULL = $XDG_CACHE_HOME/estro or ~/.cache/estro, "" = none. Borrowed. */
    const char *
        from; /**< Model whose weights are the first, or NULL: its net must have the same shape. Borrowed. */
    /**
     * Models that teach: they compose `lessons` pieces, and of these the net learns the mean of their probabilities, of the corpus
     * itself the notes. They must be of the same corpus. Borrowed.
     */
    const char *const *teachers;
    size_t n_teachers;
    uint32_t lessons; /**< 0 = four times as many as pieces. */
    uint32_t
        patience; /**< Training ends when the last so many epochs brought nothing better; 0 = never. */
    bool chords; /**< Not voices, but what sounds together: piano music. */
} estro_train_options;

ESTRO_API estro_train_options estro_train_options_default(void);

typedef struct estro_training estro_training;

/** What will be trained on. */
typedef struct estro_corpus_report {
    size_t files, pieces, train_pieces, valid_pieces, lessons, duplicates, skipped;
    uint32_t voices, grid; /**< `voices` is 0 when drums alone play, and with `chords`. */
    size_t notes, weights;
    bool is_cached;   /**< It was read from the cache of an earlier run. */
    const char *note; /**< What was wrong with the cache, or NULL. Borrowed from the training. */
    uint32_t rank, ranks; /**< Which of how many processes this is: rank 0 alone writes files. */
    const char *warning;  /**< Or NULL: "so few pieces that copies must be expected". */
    bool chords;
} estro_corpus_report;

typedef struct estro_train_progress {
    uint32_t epoch;
    double train_nats, valid_nats, best_nats; /**< Per voice and grid step. */
    double share;                             /**< Of the way, 0-1. */
    double seconds, seconds_left;
    double tokens_per_second;
    bool is_over;
    uint64_t steps, steps_planned; /**< Batches; planned in the first call. */
    double epochs;                 /**< `steps` in epochs. */
    double rate;                   /**< Of the next step. */
    uint64_t tokens;               /**< Choices trained on. */
    uint32_t validations;
    bool is_early; /**< Over because nothing got better: see `patience`. */
} estro_train_progress;

/** Read the corpus. @param skipped Called for each file left out, with the reason; may be NULL. */
ESTRO_API estro_status estro_training_new(estro_training **out, const estro_train_options *options,
                                          void (*skipped)(void *self, const char *path,
                                                          const char *why),
                                          void *self, estro_diag *diag);
ESTRO_API void estro_training_free(estro_training *training);
ESTRO_API void estro_training_report(const estro_training *training, estro_corpus_report *report);
/** Where it stands. `progress` is overwritten. */
ESTRO_API void estro_training_progress(const estro_training *training,
                                       estro_train_progress *progress);
/** Train a little: about a quarter of a second, and not beyond the end of an epoch or a validation. `progress` is overwritten. */
ESTRO_API estro_status estro_training_step(estro_training *training, estro_train_progress *progress,
                                           estro_diag *diag);
/** The step that is under way ends soon, those that follow do nothing. Async-signal-safe. */
ESTRO_API void estro_training_stop(estro_training *training);
/** Write the best model so far to a file (temporary, then rename) with its card in it. */
ESTRO_API estro_status estro_training_save(estro_training *training, const char *path,
                                           estro_diag *diag);

/**
 * Write all that this training needs to go on later as if it had not been interrupted: to FILE.new beside it, which is then renamed.
 * On failure the last checkpoint is still there, and training can go on.
 */
ESTRO_API estro_status estro_training_checkpoint(estro_training *training, const char *path,
                                                 estro_diag *diag);
/**
 * Go on from a checkpoint; called before the first step. On the same machine the model becomes the same, bit for bit.
 *
 * @return ESTRO_ERR_ARGUMENT when it is of another corpus or other options (threads apart), ESTRO_ERR_FORMAT, ESTRO_ERR_IO.
 */
ESTRO_API estro_status estro_training_resume(estro_training *training, const char *path,
                                             estro_diag *diag);

/** A model of the present weights, to hear how it gets on. @param model Owned, estro_model_free. */
ESTRO_API estro_status estro_training_present(estro_training *training, estro_model **model,
                                              estro_diag *diag);
/** Draw the losses of all validations so far into an SVG file. @return ESTRO_ERR_UNSUPPORTED in a build without cairo, ESTRO_ERR_IO. */
ESTRO_API estro_status estro_training_plot(const estro_training *training, const char *path,
                                           estro_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
