/*
 * Sources, rendering and playing, as the public header says.
 */
#include "api/api.h"

#include "play/player.h"
#include "play/source.h"

static estro_status next_bar(void *self, es_bar *bar, estro_diag *diag)
{
    return es_api_next(self, bar, diag);
}

static void finish(void *self)
{
    es_composer_finish(((estro_composer *)self)->composer);
}

estro_status estro_source_compose(estro_source **out, estro_composer *composer, estro_diag *diag)
{
    const es_bar_source bars = {
        .self = composer,
        .next = next_bar,
        .finish = finish,
        .style = composer->style,
        .parts = composer->parts,
        .seed = composer->seed,
        .about = composer->about,
        .as_written = composer->as_written,
        .kept = composer->again  ? &composer->again->kept
                : composer->user ? es_user_parts_kept(composer->user)
                                 : NULL,
    };

    return es_source_bars(out, &bars, diag);
}

estro_status estro_source_file(estro_source **out, const char *path, estro_diag *diag)
{
    return es_source_file(out, path, diag);
}

void estro_source_free(estro_source *source)
{
    es_source_free(source);
}

void estro_source_stop(estro_source *source)
{
    es_source_stop(source);
}

estro_status estro_render(estro_source *source, estro_sink *sink, estro_diag *diag)
{
    return es_render(source, sink, diag);
}

estro_status estro_player_start(estro_player **out, estro_source *source, estro_sink *sink,
                                estro_diag *diag)
{
    return es_player_start(out, source, sink, NULL, diag);
}

void estro_player_poll(estro_player *player, estro_report *report)
{
    es_player_poll(player, report);
}

void estro_player_stop(estro_player *player, bool at_once)
{
    es_player_stop(player, at_once);
}

estro_status estro_player_free(estro_player *player, estro_diag *diag)
{
    return es_player_free(player, diag);
}
