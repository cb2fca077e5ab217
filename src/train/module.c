/* The one symbol of the training module. */
#include "train/module.h"
#include "train/plot.h"
#include "train/trainer.h"

#include "base/mem.h"

static void release(uint8_t *bytes)
{
    es_free(bytes);
}

const es_train_table es_module_train = {
    .abi = ES_TRAIN_ABI,
    .create = es_training_new,
    .free = es_training_free,
    .report = es_training_report,
    .progress = es_training_progress,
    .step = es_training_step,
    .stop = es_training_stop,
    .save = es_training_save,
    .checkpoint = es_training_checkpoint,
    .resume = es_training_resume,
    .present = es_training_present,
    .release = release,
#ifdef ES_WITH_CAIRO
    .plot = es_training_plot,
#endif
};
