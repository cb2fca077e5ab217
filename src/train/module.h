/**
 * @file module.h
 * The table of the training module: what the public estro_training_* functions call.
 *
 * The functions do what include/estro/estro.h promises of those with the same names.
 */
#ifndef ES_TRAIN_MODULE_H
#define ES_TRAIN_MODULE_H

#include <estro/estro.h>

enum { ES_TRAIN_ABI = 5 };

typedef struct es_train_table {
    uint32_t abi; /**< ES_TRAIN_ABI. */
    estro_status (*create)(estro_training **out, const estro_train_options *options,
                           void (*skipped)(void *self, const char *path, const char *why),
                           void *self, estro_diag *diag);
    void (*free)(estro_training *training);
    void (*report)(const estro_training *training, estro_corpus_report *report);
    void (*progress)(const estro_training *training, estro_train_progress *progress);
    estro_status (*step)(estro_training *training, estro_train_progress *progress,
                         estro_diag *diag);
    void (*stop)(estro_training *training);
    estro_status (*save)(estro_training *training, const char *path, estro_diag *diag);
    estro_status (*checkpoint)(estro_training *training, const char *path, estro_diag *diag);
    estro_status (*resume)(estro_training *training, const char *path, estro_diag *diag);
    /** A model file of the present weights, in memory; freed by `release`. */
    estro_status (*present)(estro_training *training, uint8_t **bytes, size_t *size,
                            estro_diag *diag);
    void (*release)(uint8_t *bytes); /**< Frees what `present` gave. */
    /** NULL in a build without cairo. */
    estro_status (*plot)(const estro_training *training, const char *path, estro_diag *diag);
} es_train_table;

/** Exported by estro-train.so; opened by es_module_open(&table, "train", diag). */
ESTRO_API extern const es_train_table es_module_train;

#endif
