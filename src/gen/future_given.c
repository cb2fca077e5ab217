/*
 * Looking ahead into what is given: whether the last move that is drawn leads well into notes that stand. They do not answer for what they
 * break among themselves; what is drawn before them answers for all that it would make them break.
 */
#include "gen/sonority.h"

enum { MOST_REMEMBERED = 16 }; /* Notes after which what went before is as good as forgotten. */

static const es_line fresh = {.pitch = ES_SILENT, .last = ES_SILENT, .anchor = ES_SILENT};

/*
 * Whether the given notes of line i keep the rules of runs, repeats and leaps after `line`, as far as they do among themselves. The
 * line has come to the first of them.
 */
static bool goes_on_well(const es_search *search, int i, es_line line)
{
    const es_scene *scene = search->scene;
    const es_track *track = &scene->given->track[scene->cast->line[i]];
    const es_track_note *last = track->notes + track->count;
    const es_rules *rules = search->future.rules;
    es_moment moment = search->future.moment;
    const es_given_range *range = es_given_at(scene->given, scene->cast->part[i], moment.tick);
    const es_track_note *note = es_given_note(scene->given, scene->cast->line[i], moment.tick);
    es_line own = fresh;

    for (int n = 0; n < MOST_REMEMBERED && note && note < last && note->start < range->end; n++) {
        if (note->start > moment.tick && note->start < scene->beats->end) {
            es_moment_at(&moment, scene->beats, note->start);
            rules = es_scene_rules(scene, &moment);
        }
        if (!rules ||
            (n > 0 && es_line_breaks(&rules->line[i], &line, &moment, note->pitch, true) &&
             !es_line_breaks(&rules->line[i], &own, &moment, note->pitch, true))) {
            return false;
        }
        es_line_advance(&line, &rules->line[i], &moment, note->pitch, true);
        es_line_advance(&own, &rules->line[i], &moment, note->pitch, true);
        if (n > 1 && line.run == own.run && line.repeats == own.repeats) {
            break;
        }
        note++;
    }
    return true;
}

/* Whether a move into a given note keeps the rules that the note does not break by itself. */
static bool moves_well(const es_search *search, int k, const es_line *line, const es_sound *sound)
{
    const es_future *future = &search->future;
    const es_scene *scene = search->scene;
    const int i = search->order[k];
    const es_line_rule *rule = &future->rules->line[i];
    const uint32_t lines = future->rules->paired[i] & future->outside.lines;

    if (es_line_breaks(rule, line, &future->moment, sound->now, sound->strikes) &&
        (sound->now < 0 || !es_line_breaks(rule, &fresh, &future->moment, sound->now, true))) {
        return false;
    }
    if (sound->strikes && !goes_on_well(search, i, *line)) {
        return false;
    }
    for (int j = 0; lines >> j; j++) {
        const es_sound *other = &future->outside.sound[j];
        const es_pair_rule moving = es_pair_moving(&future->rules->pair[i][j]);
        const bool is_upper = scene->cast->line[i] < j;
        if ((lines >> j & 1) &&
            es_pair_breaks(&moving, is_upper ? sound : other, is_upper ? other : sound)) {
            return false;
        }
    }
    return true;
}

void es_search_see_given(es_search *search, int k, int o, const es_line *line)
{
    es_future_line *next = &search->future.line[k];
    const int i = search->order[k];
    const es_tick then = search->future.moment.tick;
    const es_sound sound = es_scene_given(search->scene, i, then, line->pitch);
    const bool is_bound = !search->scene->given->asks_nothing &&
                          !es_scene_is_given(search->scene, i, search->moment.tick) &&
                          !search->future.outlook[search->scene->cast->place[i]].is_loose;

    if (is_bound && !moves_well(search, k, line, &sound)) {
        return;
    }
    next->strikes[o] = sound.strikes;
    next->holds |= (uint64_t)(sound.now >= 0 && !sound.strikes) << o;
    next->rests |= (uint64_t)(sound.now < 0) << o;
}
