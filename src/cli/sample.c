/*
 * A piece composed in the middle of a training, by the weights as they are: a way to hear how it gets on. It does not touch the
 * training, and what fails here is said, no more.
 */
#include "watch.h"

enum { SAMPLE_BARS = 16 };

static estro_status write_piece(estro_composer *composer, const char *path, estro_diag *diag)
{
    estro_sink_options options = estro_sink_options_default();
    estro_source *source = NULL;
    estro_sink *sink = NULL;
    estro_diag unused;

    options.comment = estro_composer_about(composer);
    estro_status status = estro_source_compose(&source, composer, diag);
    if (status == ESTRO_OK) {
        status = estro_sink_open(&sink, "smf", path, &options, diag);
    }
    if (status == ESTRO_OK) {
        status = estro_render(source, sink, diag);
    }
    const bool is_good = status == ESTRO_OK;
    const estro_status closed = estro_sink_close(sink, is_good, is_good ? diag : &unused);
    estro_source_free(source);
    return is_good ? closed : status;
}

static estro_status compose(estro_training *training, const char *path, estro_diag *diag)
{
    estro_compose_options options = estro_compose_options_default();
    estro_composer *composer = NULL;
    estro_model *model = NULL;

    estro_status status = estro_training_present(training, &model, diag);
    if (status == ESTRO_OK) {
        options.seed = 1;
        options.bars = SAMPLE_BARS;
        options.models[0] = model;
        options.n_models = 1;
        status = estro_composer_new(&composer, NULL, &options, diag);
    }
    if (status == ESTRO_OK) {
        status = write_piece(composer, path, diag);
    }
    estro_composer_free(composer);
    estro_model_free(model);
    return status;
}

void cli_watch_sample(const cli_watch *w, estro_training *training, uint64_t step)
{
    char path[4096];
    estro_diag diag = {0};

    const int length =
        snprintf(path, sizeof path, "%s/step-%06llu.mid", w->samples, (unsigned long long)step);
    if (length < 0 || (size_t)length >= sizeof path) {
        fputs("warning: no sample: the name of its folder is too long\n", stderr);
    } else if (compose(training, path, &diag) != ESTRO_OK) {
        fprintf(stderr, "%s%s: warning: no sample: %s; training goes on\n",
                w->is_terminal ? "\n" : "", path, diag.text);
    }
}
