/*
 * Training for a host, by the module that trains. The table is looked up when a training is made; who holds one has opened
 * it, and modules stay open.
 */
#include "base/diag.h"
#include "base/module.h"
#include "train/module.h"

#include <stdatomic.h>
#include <string.h>

/* Found once; a signal handler may not look for it. */
static _Atomic(const es_train_table *) opened;

static estro_status open_table(const es_train_table **table, estro_diag *diag)
{
    const void *found;

    *table = opened;
    if (*table) {
        return ESTRO_OK;
    }
    ES_TRY(es_module_open(&found, "train", diag));
    *table = found;
    if ((*table)->abi != ES_TRAIN_ABI) {
        return es_fail(
            diag, ESTRO_ERR_UNSUPPORTED,
            "the training module is of another version (%u, not %d); install both together",
            (unsigned)(*table)->abi, ES_TRAIN_ABI);
    }
    opened = *table;
    return ESTRO_OK;
}

estro_train_options estro_train_options_default(void)
{
    return (estro_train_options){.size = sizeof(estro_train_options), .seed = 1};
}

estro_status estro_training_new(estro_training **out, const estro_train_options *options,
                                void (*skipped)(void *self, const char *path, const char *why),
                                void *self, estro_diag *diag)
{
    estro_train_options own = estro_train_options_default();
    const es_train_table *table;

    es_diag_init(diag, NULL);
    ES_TRY(open_table(&table, diag));
    /* A host that was built against an earlier header knows fewer options. */
    memcpy(&own, options, options->size < sizeof own ? options->size : sizeof own);
    own.size = sizeof own;
    return table->create(out, &own, skipped, self, diag);
}

void estro_training_free(estro_training *training)
{
    const es_train_table *table;

    if (training && open_table(&table, NULL) == ESTRO_OK) {
        table->free(training);
    }
}

void estro_training_report(const estro_training *training, estro_corpus_report *report)
{
    const es_train_table *table;

    *report = (estro_corpus_report){0};
    if (open_table(&table, NULL) == ESTRO_OK) {
        table->report(training, report);
    }
}

void estro_training_progress(const estro_training *training, estro_train_progress *progress)
{
    const es_train_table *table;

    *progress = (estro_train_progress){0};
    if (open_table(&table, NULL) == ESTRO_OK) {
        table->progress(training, progress);
    }
}

estro_status estro_training_step(estro_training *training, estro_train_progress *progress,
                                 estro_diag *diag)
{
    const es_train_table *table;

    ES_TRY(open_table(&table, diag));
    return table->step(training, progress, diag);
}

void estro_training_stop(estro_training *training)
{
    const es_train_table *table = opened;

    if (table && training) {
        table->stop(training);
    }
}

estro_status estro_training_save(estro_training *training, const char *path, estro_diag *diag)
{
    const es_train_table *table;

    ES_TRY(open_table(&table, diag));
    return table->save(training, path, diag);
}

estro_status estro_training_checkpoint(estro_training *training, const char *path, estro_diag *diag)
{
    const es_train_table *table;

    ES_TRY(open_table(&table, diag));
    return table->checkpoint(training, path, diag);
}

estro_status estro_training_resume(estro_training *training, const char *path, estro_diag *diag)
{
    const es_train_table *table;

    ES_TRY(open_table(&table, diag));
    return table->resume(training, path, diag);
}

estro_status estro_training_present(estro_training *training, estro_model **model, estro_diag *diag)
{
    const es_train_table *table;
    uint8_t *bytes;
    size_t size;

    ES_TRY(open_table(&table, diag));
    ES_TRY(table->present(training, &bytes, &size, diag));
    const estro_status status = estro_model_parse(model, bytes, size, "present", diag);
    table->release(bytes);
    return status;
}

estro_status estro_training_plot(const estro_training *training, const char *path, estro_diag *diag)
{
    const es_train_table *table;

    ES_TRY(open_table(&table, diag));
    if (!table->plot) {
        return es_fail(
            diag, ESTRO_ERR_UNSUPPORTED,
            "this build draws no plots (it needs cairo: libcairo2-dev, then build again)");
    }
    return table->plot(training, path, diag);
}
