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
    estro_status status = estro_style_load(&style, "reel", &diag);
    if (status == ESTRO_OK) status = estro_composer_new(&composer, style, &options, &diag);
    if (status == ESTRO_OK) status = estro_source_compose(&source, composer, &diag);
    if (status == ESTRO_OK) status = estro_sink_open(&sink, "smf", "embed.mid", NULL, &diag);
    if (status == ESTRO_OK) status = estro_render(source, sink, &diag);
    if (status != ESTRO_OK) fprintf(stderr, "embed: %s\n", diag.text);
    if (estro_sink_close(sink, status == ESTRO_OK, &diag) != ESTRO_OK) status = diag.status;
    estro_source_free(source);
    estro_composer_free(composer);
    estro_style_free(style);
    return status != ESTRO_OK;
}
