/*
 * A sink of one's own: the notes of a piece as text, one a line. notes [STYLE [SEED]]
 */
#include <estro/estro.h>

#include <stdio.h>
#include <stdlib.h>

typedef struct printer {
    unsigned long notes;
} printer;

static estro_status print_message(void *self, const estro_message *message, estro_diag *diag)
{
    printer *p = self;

    (void)diag;
    if (message->kind == ESTRO_MARKER) {
        printf("[%s]\n", message->text);
    } else if (message->kind == ESTRO_MIDI && (message->data[0] & 0xf0) == 0x90) {
        printf("%8.3f s  channel %2d  key %3d  velocity %3d\n", (double)message->time_ns / 1e9,
               (message->data[0] & 0x0f) + 1, message->data[1], message->data[2]);
        p->notes++;
    }
    return ESTRO_OK;
}

static estro_status finish(void *self, bool commit, estro_diag *diag)
{
    const printer *p = self;

    (void)diag;
    if (commit) {
        printf("%lu notes\n", p->notes);
    }
    return ESTRO_OK;
}

static const estro_sink_ops ops = {
    .abi = ESTRO_SINK_ABI,
    .name = "notes",
    .write = print_message,
    .close = finish,
};

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "chorale";
    printer p = {0};
    estro_diag diag = {0};
    estro_style *style = NULL;
    estro_composer *composer = NULL;
    estro_source *source = NULL;
    estro_sink *sink = NULL;
    estro_compose_options options = estro_compose_options_default();

    options.seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    const bool is_done = estro_style_load(&style, name, NULL, &diag) == ESTRO_OK &&
                         estro_composer_new(&composer, style, &options, &diag) == ESTRO_OK &&
                         estro_source_compose(&source, composer, &diag) == ESTRO_OK &&
                         estro_sink_new(&sink, &ops, &p, &diag) == ESTRO_OK &&
                         estro_render(source, sink, &diag) == ESTRO_OK;
    if (!is_done) {
        fprintf(stderr, "notes: %s\n", diag.text);
    }
    estro_sink_close(sink, is_done, NULL);
    estro_source_free(source);
    estro_composer_free(composer);
    estro_style_free(style);
    return is_done ? 0 : 1;
}
