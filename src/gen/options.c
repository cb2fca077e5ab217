/*
 * Preparing a search: actions of each part, options of each line, and which options agree.
 */
#include "gen/quote.h"
#include "gen/sonority.h"

#include "base/diag.h"
#include "gen/tone.h"
#include "gen/voicing.h"

#include <string.h>

/* ---- options of a line ---- */

static void add(es_search *search, int k, const es_option *option)
{
    int at = search->n_options[k];

    if (at == ES_MAX_OPTIONS) {
        at = 0;
        for (int o = 1; o < ES_MAX_OPTIONS; o++) {
            at = search->option[k][o].weight < search->option[k][at].weight ? o : at;
        }
        if (search->option[k][at].weight >= option->weight) {
            return;
        }
    } else {
        search->n_options[k]++;
    }
    search->option[k][at] = *option;
}

/* Lengths that a preference is against: a note that ends too soon, a note or silence that goes on too long. */
static bool is_ill_timed(const es_line_rule *wish, const es_line *line, es_tick tick,
                         const es_option *option)
{
    const es_tick length = tick - line->since;

    if (option->act == ES_ACT_HOLD) {
        return length >= (line->pitch >= 0 ? wish->longest : wish->silence);
    }
    return line->pitch >= 0 && length < wish->shortest;
}

/* Product of the preferences about the line alone and against earlier groups. */
static double preference(const es_search *search, int i, const es_line *line,
                         const es_option *option)
{
    const es_rules *rules = search->rules;
    const int own = search->scene->cast->line[i];
    const es_sound sound = {line->pitch, option->pitch, option->act == ES_ACT_STRIKE, option->bits};
    double weight = 1;

    for (uint32_t w = rules->first_wish[i]; w < rules->first_mutual[i]; w++) {
        const es_preference *wish = &rules->preferences[rules->wishes[w]];
        bool breaks = false;
        if (wish->shape == ES_RULE_LINE) {
            breaks = es_line_breaks(&wish->line, line, &search->moment, option->pitch,
                                    option->act == ES_ACT_STRIKE) ||
                     is_ill_timed(&wish->line, line, search->moment.tick, option);
        } else {
            const int other = wish->upper == own ? wish->lower : wish->upper;
            if (search->outside.lines >> other & 1) {
                const es_sound *that = &search->outside.sound[other];
                breaks = es_pair_breaks(&wish->pair, wish->upper == own ? &sound : that,
                                        wish->upper == own ? that : &sound);
            }
        }
        weight *= breaks ? wish->factor : 1;
    }
    return weight;
}

/* A step from `pitch` leads to a tone of the chord at `tick`. */
static bool can_be_approach(const es_search *search, const es_part *part, int pitch, es_tick tick)
{
    const es_beats *beats = search->scene->beats;
    es_moment moment;

    if (tick == 0) {
        return true;
    }
    if (tick > beats->end || (tick == beats->end && !beats->has_next)) {
        return es_harmony_class(search->moment.harmony, pitch) == 0; /* Nothing is to come. */
    }
    es_moment_at(&moment, beats, tick);
    for (int to = pitch - 2; to <= pitch + 2; to++) {
        if (to != pitch && to >= part->low && to <= part->high &&
            es_harmony_class(moment.harmony, to) == 0) {
            return true;
        }
    }
    return false;
}

/* The interval that the echoed bar has at the same place, if any. */
static bool echoed_move(const es_search *search, int i, int *move)
{
    const es_scene *scene = search->scene;
    const es_moment *moment = &search->moment;
    const int echo = scene->beats->phrase->bar[moment->bar].echo[scene->cast->part[i]];
    const es_track *track = &scene->tracks[scene->cast->line[i]];

    if (echo < 0 || echo >= moment->bar) {
        return false;
    }
    const es_tick tick = scene->beats->start + echo * scene->beats->bar + moment->in_bar;
    const int at = es_track_find(track, tick);
    if (at < 0 || track->notes[at].start != tick || (at == 0 && track->entry == ES_SILENT)) {
        return false;
    }
    *move = track->notes[at].pitch - (at > 0 ? track->notes[at - 1].pitch : track->entry);
    return true;
}

static double echo_weight(int echoed, int move)
{
    const int away = echoed > move ? echoed - move : move - echoed;

    if (away == 0) {
        return 12;
    }
    if ((echoed > 0) != (move > 0) || (echoed < 0) != (move < 0)) {
        return 0.4;
    }
    return away <= 2 ? 5 : 1.5;
}

/*
 * Free rhythm of a model: it decides when to move, so all its options weigh the same. Where it cannot tell a note that is held from one
 * that is struck again, the style divides the two: more is struck where the chord changes.
 */
static double share(const es_search *search, int i, const es_option *option)
{
    const es_scene *scene = search->scene;
    const es_part *part = &scene->style->parts[scene->cast->part[i]];

    if (scene->restrikes || option->pitch != scene->lines[scene->cast->line[i]].pitch ||
        option->pitch == ES_SILENT || search->moment.is_seam) {
        return 1;
    }
    const double onset = es_onset_weight(part, search->moment.strength, true);
    const double struck = onset / (onset + (search->moment.changes ? 2 : 12));
    return option->act == ES_ACT_STRIKE ? struck : 1 - struck;
}

/* What is the same for all pitches that a line may strike. */
typedef struct line_limits {
    es_moves moves;
    es_tick change; /* Nothing can go wrong with a pitch that is held until then. */
} line_limits;

/* Whether line i may strike a pitch at all. */
static bool can_strike(const es_search *search, int i, const es_action *action,
                       const line_limits *limits, int pitch)
{
    const es_scene *scene = search->scene;
    const int own = scene->cast->line[i];
    const es_part *part = &scene->style->parts[scene->cast->part[i]];
    const es_line *line = &scene->lines[own];
    const es_moment *moment = &search->moment;
    const bool is_free = !scene->rhythms[scene->cast->part[i]].pattern;
    const es_sound sound = {line->pitch, (int16_t)pitch, true, moment->harmony->member[pitch % 12]};

    if (es_moves_bar(&limits->moves, pitch) ||
        es_pitch_breaks(&search->rules->line[i], moment, pitch) ||
        !es_tone_arrives(line, moment, action->tone, pitch) ||
        (is_free && !moment->is_beat && pitch == line->pitch) ||
        es_budget_forbids(&scene->budget, own, line->pitch, pitch, moment->tick) ||
        es_outside_breaks(scene, search->rules, &search->outside, i, &sound)) {
        return false;
    }
    return (action->earliest <= limits->change ||
            es_scene_hold_limit(scene, search->rules, i, pitch, moment->tick, action->earliest) >=
                action->earliest) &&
           (action->tone != ES_TONE_APPROACH ||
            can_be_approach(search, part, pitch, action->until));
}

/* What a line is drawn to at this instant, whatever the pitch. */
typedef struct line_aims {
    int promised; /* Towards the end of a phrase: what the next one is bound to begin with, else ES_SILENT. */
    double
        centre; /* By the style's weights alone: where a melody stands at this place of the phrase; else home. */
    bool echoes; /* By the style's weights alone: the bar takes up the shape of another, ... */
    int echoed;  /* ... which moved so there. */
} line_aims;

static line_aims aims_of(const es_search *search, int i)
{
    const es_scene *scene = search->scene;
    const es_beats *beats = scene->beats;
    const es_part *part = &scene->style->parts[scene->cast->part[i]];
    const es_tick tick = search->moment.tick;
    line_aims out = {.promised = ES_SILENT};

    if (beats->end - tick <= beats->bar) {
        out.promised = es_scene_promised(scene, scene->cast->line[i]);
    }
    if (es_scene_by_weights(scene, i)) {
        const double place = (double)(tick - beats->start) / (double)(beats->end - beats->start);
        out.centre = part->role == ES_ROLE_MELODY ? es_shape_centre(part, place) : part->home;
        out.echoes = scene->lines[scene->cast->line[i]].last != ES_SILENT &&
                     echoed_move(search, i, &out.echoed);
    }
    return out;
}

static double seam_weight(const line_aims *aims, int pitch)
{
    const double away = (pitch - aims->promised) / 6.0;

    return aims->promised == ES_SILENT ? 1 : 1 / (1 + away * away);
}

/* What the style's weights say of a pitch struck, its tone apart. */
static double strike_weight(const es_part *part, const es_line *line, const line_aims *aims,
                            const es_action *action, int pitch)
{
    const double move = es_move_weight(part, line, pitch);
    const double pull = es_pull(part, aims->centre, pitch);
    double weight = move > 0 || !es_tone_is_given(action->tone) ? move : 0.05;

    weight *= part->role == ES_ROLE_MELODY ? es_shape_weight(line, pitch) * pull : pull;
    if (aims->echoes) {
        weight *= echo_weight(aims->echoed, pitch - line->last);
    }
    return weight;
}

/*
 * The pitches that line k may strike by the tone of an action. Where the tone does not ask what the line did, they are those of
 * the line of the part before it.
 */
static const es_tones *tones_of(es_search *search, int k, int a)
{
    const es_scene *scene = search->scene;
    const int i = search->order[k];
    const es_part *part = &scene->style->parts[scene->cast->part[i]];
    const es_line *line = &scene->lines[scene->cast->line[i]];
    const es_action *action = &search->action[scene->cast->place[i]][a];
    es_tones *tones = &search->tones[a];

    if (search->has_tones >> a & 1 && !es_tone_looks_back(action)) {
        return tones;
    }
    search->has_tones |= 1u << a;
    es_tones_find(tones, part, action, &search->moment, line);
    return tones;
}

static void add_strikes(es_search *search, int k, int a)
{
    const es_scene *scene = search->scene;
    const int i = search->order[k];
    const es_part *part = &scene->style->parts[scene->cast->part[i]];
    const es_line *line = &scene->lines[scene->cast->line[i]];
    const es_line_rule *rule = &search->rules->line[i];
    const es_action *action = &search->action[scene->cast->place[i]][a];
    const es_moment *moment = &search->moment;
    const bool is_free = !scene->rhythms[scene->cast->part[i]].pattern;

    if (moment->tick + rule->shortest > action->latest ||
        moment->tick + rule->longest < action->earliest) {
        return;
    }
    const line_aims aims = aims_of(search, i);
    const line_limits limits = {es_line_moves(rule, line, moment),
                                es_scene_next_change(scene, search->rules, i, moment->tick)};
    const es_tones *tones = tones_of(search, k, a);
    for (int t = 0; t < tones->count; t++) {
        const int pitch = tones->pitch[t];
        es_option option = {.pitch = (int16_t)pitch,
                            .act = ES_ACT_STRIKE,
                            .action = (uint8_t)a,
                            .bits = moment->harmony->member[pitch % 12]};
        if (!can_strike(search, i, action, &limits, pitch)) {
            continue;
        }
        if (!es_scene_by_weights(scene, i)) {
            option.weight = is_free
                                ? share(search, i, &option)
                                : action->weight * es_tone_fit(part, action, moment, line, pitch);
        } else {
            option.weight = tones->weight[t] * strike_weight(part, line, &aims, action, pitch);
        }
        option.weight *= seam_weight(&aims, pitch) * preference(search, i, line, &option);
        if (option.weight > 0) {
            add(search, k, &option);
        }
    }
}

static void add_still(es_search *search, int k, int a)
{
    const es_scene *scene = search->scene;
    const int i = search->order[k];
    const es_line *line = &scene->lines[scene->cast->line[i]];
    const es_line_rule *rule = &search->rules->line[i];
    const es_action *action = &search->action[scene->cast->place[i]][a];
    const bool holds = action->act == ES_ACT_HOLD;
    const bool is_silent = scene->rhythms[scene->cast->part[i]].is_silent;
    es_option option = {.weight = 1,
                        .pitch = holds ? line->pitch : (int16_t)ES_SILENT,
                        .act = action->act,
                        .action = (uint8_t)a};
    const es_tick longest = holds ? line->max_end : search->moment.tick + rule->silence;

    if (action->act == ES_ACT_STRIKE) { /* Another line of the part strikes alone. */
        option.act = line->pitch >= 0 ? ES_ACT_REST : ES_ACT_HOLD;
    } else if (!is_silent && longest < action->earliest) {
        return;
    }
    if (option.pitch >= 0) {
        option.bits = search->moment.harmony->member[option.pitch % 12];
        const es_sound sound = {line->pitch, option.pitch, false, option.bits};
        if (es_line_breaks(rule, line, &search->moment, option.pitch, false) ||
            es_outside_breaks(scene, search->rules, &search->outside, i, &sound) ||
            es_scene_hold_limit(scene, search->rules, i, option.pitch, search->moment.tick,
                                action->earliest) < action->earliest) {
            return;
        }
    } else if (line->pitch >= 0 && !is_silent &&
               es_line_breaks(rule, line, &search->moment, ES_SILENT, false)) {
        return;
    }
    if (!es_scene_by_weights(scene, i)) {
        option.weight = scene->rhythms[scene->cast->part[i]].pattern ? action->weight
                                                                     : share(search, i, &option);
    }
    option.weight *= preference(search, i, line, &option);
    add(search, k, &option);
}

/* What is given is the only option. */
static void add_given(es_search *search, int k)
{
    const es_scene *scene = search->scene;
    const int i = search->order[k];
    const int before = scene->lines[scene->cast->line[i]].pitch;
    const es_sound sound = es_scene_given(scene, i, search->moment.tick, before);
    const uint8_t still = before >= 0 && sound.now < 0 ? ES_ACT_REST : ES_ACT_HOLD;

    add(search, k,
        &(es_option){.weight = 1,
                     .pitch = sound.now,
                     .act = sound.strikes ? ES_ACT_STRIKE : still,
                     .bits = sound.now >= 0 ? search->moment.harmony->member[sound.now % 12] : 0});
}

static void add_options(es_search *search, int k)
{
    const es_cast *cast = search->scene->cast;
    const int i = search->order[k];
    const int place = cast->place[i];
    const es_part *part = &search->scene->style->parts[cast->part[i]];
    const int line = cast->line[i] - part->first_line;

    search->n_options[k] = 0;
    if (k == 0 || cast->place[search->order[k - 1]] != place) {
        search->has_tones = 0;
    }
    memset(search->of_action[k], 0, sizeof search->of_action[k]);
    const bool is_given = es_scene_is_given(search->scene, i, search->moment.tick);
    if (is_given) {
        add_given(search, k);
    }
    for (int a = 0; a < search->n_actions[place] && !is_given; a++) {
        const es_action *action = &search->action[place][a];
        if (action->act == ES_ACT_STRIKE && es_tone_sounds(part, action->tone, line)) {
            add_strikes(search, k, a);
        } else {
            add_still(search, k, a);
        }
    }
    for (int o = 0; o < search->n_options[k]; o++) {
        const es_option *option = &search->option[k][o];
        search->sound[k][o] = (es_sound){search->scene->lines[cast->line[i]].pitch, option->pitch,
                                         option->act == ES_ACT_STRIKE, option->bits};
        search->of_action[k][search->option[k][o].action] |= (uint64_t)1 << o;
    }
}

/* ---- agreement ---- */

static uint64_t all_options(const es_search *search, int k)
{
    const int count = search->n_options[k];

    return count == 64 ? ~(uint64_t)0 : ((uint64_t)1 << count) - 1;
}

/* Whether options of two lines of a part suit its voicing: that of neighbours that strike. */
static bool suits_voicing(const es_search *search, int k, int o, int j, int b)
{
    const es_cast *cast = search->scene->cast;
    const int i = search->order[k], other = search->order[j];
    const es_part *part = &search->scene->style->parts[cast->part[i]];
    const es_sound *own = &search->sound[k][o], *that = &search->sound[j][b];

    if (!own->strikes || !that->strikes) {
        return true;
    }
    if (i + 1 == other) {
        return es_voicing_agrees(part, search->moment.harmony, own->now, that->now,
                                 cast->line[i] - part->first_line);
    }
    return other + 1 != i || es_voicing_agrees(part, search->moment.harmony, that->now, own->now,
                                               cast->line[other] - part->first_line);
}

/* What the choice of options of two lines depends on. */
typedef struct pairing {
    bool same_part;           /* They act together, and ... */
    bool is_voiced;           /* ... stand as their voicing says. */
    bool is_upper;            /* The first is the upper one. */
    const es_pair_rule *rule; /* NULL: there is none, or both are given. */
} pairing;

static pairing pairing_of(const es_search *search, int k, int j)
{
    const es_cast *cast = search->scene->cast;
    const int i = search->order[k], other = search->order[j];
    const uint32_t given = search->outside.given;
    const bool is_fixed = given >> cast->line[i] & given >> cast->line[other] & 1;
    const bool same_part = cast->place[i] == cast->place[other];
    const bool is_any = search->scene->style->parts[cast->part[i]].voicing == ES_VOICING_ANY;

    return (pairing){
        .same_part = same_part,
        .is_voiced = same_part && search->is_voiced && !is_any,
        .is_upper = i < other,
        .rule = !is_fixed && (search->rules->paired[i] >> cast->line[other] & 1)
                    ? &search->rules->pair[i][cast->line[other]]
                    : NULL,
    };
}

/* Options of line j that agree with option o of line k. */
static uint64_t agreeing(es_search *search, const pairing *pair, int k, int o, int j)
{
    const es_sound *own = &search->sound[k][o];
    const uint64_t together = pair->same_part ? search->of_action[j][search->option[k][o].action]
                                              : all_options(search, j);
    uint64_t broken = 0;

    for (uint64_t rest = pair->is_voiced ? together : 0; rest; rest &= rest - 1) {
        const int b = es_first_bit(rest);
        broken |= (uint64_t)!suits_voicing(search, k, o, j, b) << b;
    }
    search->has_voicing |= broken != 0;
    for (uint64_t rest = pair->rule ? together & ~broken : 0; rest; rest &= rest - 1) {
        const int b = es_first_bit(rest);
        const es_sound *that = &search->sound[j][b];
        broken |= (uint64_t)es_pair_breaks(pair->rule, pair->is_upper ? own : that,
                                           pair->is_upper ? that : own)
                  << b;
    }
    return together & ~broken;
}

static void match(es_search *search)
{
    for (int k = 0; k < search->n; k++) {
        for (int j = k + 1; j < search->n; j++) {
            const pairing pair = pairing_of(search, k, j);
            for (int o = 0; o < search->n_options[k]; o++) {
                search->agree[k][o][j] = agreeing(search, &pair, k, o, j);
            }
        }
    }
}

/* ---- preparing ---- */

/* Top, bottom, then the inner ones downward; parts of several lines are drawn from the top down. */
static void set_order(es_search *search)
{
    const es_cast *cast = search->scene->cast;
    const bool is_plain = cast->n_parts == cast->n_lines || search->scene->is_modelled;

    search->n = cast->n_lines;
    for (int k = 0; k < search->n; k++) {
        search->order[k] = (uint8_t)(is_plain ? es_drawing_order(search->n, k) : k);
        search->rank[cast->line[search->order[k]]] = (uint8_t)k;
    }
}

/* What is said again is the only option; what is only echoed is the likelier one. */
static void allow(es_search *search, int k)
{
    const es_scene *scene = search->scene;
    const int count = search->n_options[k];
    const int i = search->order[k];

    search->allowed[k] = all_options(search, k);
    if (!scene->quote || es_scene_is_given(scene, i, search->moment.tick)) {
        return;
    }
    const uint64_t again =
        es_quote_options(scene->quote, &scene->style->parts[scene->cast->part[i]],
                         scene->cast->line[i], scene->quote_shift, search->moment.tick,
                         search->option[k], count, search->action[scene->cast->place[i]]);
    if (scene->is_exact) {
        search->allowed[k] &= again;
        return;
    }
    for (int o = 0; o < count; o++) {
        search->option[k][o].weight *= again >> o & 1 ? scene->echo_weight : 1;
    }
}

/* The one action of a part that is given. */
static void find_given_action(es_search *search, int place)
{
    const es_scene *scene = search->scene;
    const es_tick tick = search->moment.tick;
    const int part = scene->cast->parts[place];
    const es_tick next = es_given_next(scene->given, &scene->style->parts[part], part, tick);
    es_action *action = &search->action[place][0];

    *action = (es_action){.weight = 1, .tone = ES_TONE_ANY, .earliest = next, .latest = next};
    for (int i = 0; i < scene->cast->n_lines; i++) {
        const int before = scene->lines[scene->cast->line[i]].pitch;
        if (scene->cast->place[i] == place) {
            const es_sound sound = es_scene_given(scene, i, tick, before);
            const es_act act = sound.strikes                  ? ES_ACT_STRIKE
                               : before >= 0 && sound.now < 0 ? ES_ACT_REST
                                                              : ES_ACT_HOLD;
            action->act = act > action->act ? (uint8_t)act : action->act;
        }
    }
    search->n_actions[place] = 1;
}

/* What a part may do, as its rhythm says; but where it is given again it acts, and given notes end where they do. */
static void find_actions(es_search *search, int place)
{
    const es_scene *scene = search->scene;
    const es_cast *cast = scene->cast;
    const int part = cast->parts[place];
    const es_tick tick = search->moment.tick;
    bool sounds = false, ends = false;

    for (int i = 0; i < cast->n_lines; i++) {
        if (cast->place[i] == place) {
            sounds |= scene->lines[cast->line[i]].pitch >= 0;
            ends |= es_given_ends(scene->given, part, cast->line[i], tick);
        }
    }
    search->n_actions[place] =
        es_rhythm_actions(&scene->rhythms[part], scene->beats, &search->moment, sounds && !ends,
                          search->action[place]);
    const es_tick from = es_given_from(scene->given, part, tick);
    for (int a = 0; scene->given && a < search->n_actions[place]; a++) {
        es_action *action = &search->action[place][a];
        action->earliest = action->earliest < from ? action->earliest : from;
        action->latest = action->latest < from ? action->latest : from;
        action->act = ends && action->act == ES_ACT_HOLD ? ES_ACT_REST : action->act;
    }
}

estro_status es_search_prepare(es_search *search, const es_scene *scene, es_tick tick,
                               bool is_voiced, estro_diag *diag)
{
    const es_cast *cast = scene->cast;

    search->scene = scene;
    es_moment_at(&search->moment, scene->beats, tick);
    search->rules = es_scene_rules(scene, &search->moment);
    if (!search->rules) {
        return es_fail_memory(diag);
    }
    es_scene_outside(scene, &search->moment, &search->outside);
    search->must_act = !search->moment.is_beat;
    search->is_voiced = is_voiced;
    search->has_voicing = search->has_shell = false;
    for (int place = 0; place < cast->n_parts && is_voiced; place++) {
        search->has_shell |= scene->style->parts[cast->parts[place]].voicing == ES_VOICING_SHELL;
    }
    search->future.rules = NULL;
    set_order(search);
    for (int place = 0; place < cast->n_parts; place++) {
        if (es_given_at(scene->given, cast->parts[place], tick)) {
            find_given_action(search, place);
        } else {
            find_actions(search, place);
        }
    }
    for (int k = 0; k < search->n; k++) {
        add_options(search, k);
        allow(search, k);
    }
    match(search);
    return ESTRO_OK;
}
