/* Compose a reel, and write it to a MIDI file. */
#include <estro/estro.h>

#include <stdio.h>

int main(void)
{
    estro_diag diag = {0};
    estro_style *style = NULL;
    estro_composer *composer = NULL;
    estro_source *source = NULL;
    estro_sink *sink = NULL;
    estro_compose_options options = estro_compose_options_default();

    options.seed = 7;
    bool is_done = estro_style_load(&style, "reel", NULL, &diag) == ESTRO_OK &&
                   estro_composer_new(&composer, style, &options, &diag) == ESTRO_OK &&
                   estro_source_compose(&source, composer, &diag) == ESTRO_OK &&
                   estro_sink_open(&sink, "smf", "embed.mid", NULL, &diag) == ESTRO_OK &&
                   estro_render(source, sink, &diag) == ESTRO_OK;
    is_done = estro_sink_close(sink, is_done, is_done ? &diag : NULL) == ESTRO_OK && is_done;
    if (!is_done) {
        fprintf(stderr, "embed: %s\n", diag.text);
    }
    estro_source_free(source);
    estro_composer_free(composer);
    estro_style_free(style);
    return is_done ? 0 : 1;
}
