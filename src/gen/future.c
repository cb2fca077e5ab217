/*
 * Looking ahead: whether a sonority has a legal successor at the next instant that is sure to come.
 *
 * The pitches that each line may strike then are listed once for an instant, ascending, so that all rules of a pair become
 * intersections of a few bit sets: when one line takes a pitch, what is left for the others is known at once, and a branch
 * ends when some line has nothing left. Lines with the fewest pitches left go first. What follows an option of the present instant (leaps,
 * resolutions and the like) is computed when the option is first met.
 */
#include "gen/sonority.h"

#include "gen/tone.h"

/* ---- after an option ---- */

/* As es_tone_arrives of a line that approaches, for any of the ways in which the part may strike then. */
static bool arrives(const es_future *future, const es_outlook *outlook, const es_line *line,
                    int pitch)
{
    for (int a = 0; a < outlook->n_strikes; a++) {
        if (es_tone_arrives(line, &future->moment, outlook->strike[a].tone, pitch)) {
            return true;
        }
    }
    return false;
}

/* Pitches that line k may strike whatever it did. */
static uint64_t standing_alone(const es_search *search, int k)
{
    const es_future *future = &search->future;
    const es_future_line *next = &future->line[k];
    const es_line_rule *rule = &future->rules->line[search->order[k]];
    uint64_t set = 0;

    for (int c = 0; c < next->count; c++) {
        set |= (uint64_t)!es_pitch_breaks(rule, &future->moment, next->pitch[c]) << c;
    }
    return set;
}

/* Pitches to which a line may move. */
static uint64_t reachable(const es_future_line *next, const es_moves *moves)
{
    uint64_t set = es_future_below(next, moves->high + 1) & ~es_future_below(next, moves->low);

    for (uint64_t barred = moves->barred; barred && set; barred &= barred - 1) {
        set &= ~es_future_at(next, moves->from + es_first_bit(barred) - ES_BARRED_MOVES);
    }
    return set;
}

/* The pitches that line k may strike after what it did. */
static uint64_t strikes_after(const es_search *search, int k, const es_line *line)
{
    const es_future *future = &search->future;
    const es_future_line *next = &future->line[k];
    const es_scene *scene = search->scene;
    const int i = search->order[k];
    const es_part *part = &scene->style->parts[scene->cast->part[i]];
    const es_outlook *outlook = &future->outlook[scene->cast->place[i]];
    const bool by_weights = es_scene_by_weights(scene, i);
    const bool is_bound = line->approaches && !future->is_end;
    const es_moves moves = es_line_moves(&future->rules->line[i], line, &future->moment);
    uint64_t set = next->stands & reachable(next, &moves);

    for (uint64_t rest = set; rest; rest &= rest - 1) {
        const int c = es_first_bit(rest), pitch = next->pitch[c];
        const es_sound sound = {line->pitch, (int16_t)pitch, true, next->bits[c]};
        const bool can =
            (!by_weights || (next->is_given >> c & 1) || es_move_weight(part, line, pitch) > 0) &&
            (!is_bound || arrives(future, outlook, line, pitch)) &&
            !es_outside_breaks(scene, future->rules, &future->outside, i, &sound);
        set &= ~((uint64_t)!can << c);
    }
    return set;
}

static bool may_hold(const es_search *search, int k, const es_line *line)
{
    const es_future *future = &search->future;
    const int i = search->order[k];
    const es_sound held = {line->pitch, line->pitch, false,
                           line->pitch >= 0 ? future->moment.harmony->member[line->pitch % 12] : 0};

    return future->outlook[search->scene->cast->place[i]].may_hold &&
           !es_line_breaks(&future->rules->line[i], line, &future->moment, line->pitch, false) &&
           !es_outside_breaks(search->scene, future->rules, &future->outside, i, &held);
}

/* A foreign note that still has to move when the phrase ends. */
static bool is_left_open(const es_search *search, int k, const es_line *line)
{
    return search->future.is_end && line->was_foreign &&
           (line->scopes & search->rules->line[search->order[k]].unresolved);
}

/* Pitches that line k may sound then, if it goes on at once from where it is. */
static uint64_t reach(const es_search *search, int k, const es_line *line)
{
    const es_future_line *next = &search->future.line[k];
    uint64_t set = strikes_after(search, k, line);

    for (int c = 0; c < next->count; c++) {
        if (next->pitch[c] == line->pitch && may_hold(search, k, line)) {
            set |= (uint64_t)1 << c;
        }
    }
    return set;
}

/* As see, for a line that may move once before. How it then moves against others is not looked at. */
static void see_over_a_note(es_search *search, int k, int o, const es_line *line)
{
    const es_scene *scene = search->scene;
    const int i = search->order[k];
    const es_part *part = &scene->style->parts[scene->cast->part[i]];
    const es_outlook *outlook = &search->future.outlook[scene->cast->place[i]];
    const es_action any = {.act = ES_ACT_STRIKE, .tone = ES_TONE_ANY};
    es_future_line *next = &search->future.line[k];
    es_moment between;
    bool closes = !is_left_open(search, k, line);
    uint64_t set = closes && search->future.is_known ? reach(search, k, line) : 0;

    es_moment_at(&between, scene->beats, outlook->between);
    const es_rules *rules = es_scene_rules(scene, &between);
    for (int pitch = part->low; rules && pitch <= part->high; pitch++) {
        es_line over = *line;
        if (pitch == line->pitch || !(es_tone_weight(part, &any, &between, line, pitch) > 0) ||
            es_line_breaks(&rules->line[i], line, &between, pitch, true) ||
            (es_scene_by_weights(scene, i) && !(es_move_weight(part, line, pitch) > 0))) {
            continue;
        }
        es_line_advance(&over, &rules->line[i], &between, pitch, true);
        es_tone_struck(&over, part, &any, pitch);
        if (!is_left_open(search, k, &over)) {
            closes = true;
            set |= search->future.is_known ? reach(search, k, &over) : 0;
        }
    }
    next->strikes[o] = set;
    next->open |= (uint64_t)!closes << o;
}

/* Compute what line k may do next after its option o. */
static void see(es_search *search, int k, int o)
{
    es_future *future = &search->future;
    es_future_line *next = &future->line[k];
    const es_scene *scene = search->scene;
    const int i = search->order[k];
    const int place = scene->cast->place[i];
    const es_outlook *outlook = &future->outlook[place];
    const es_option *option = &search->option[k][o];
    const uint64_t bit = (uint64_t)1 << o;
    es_line line = scene->lines[scene->cast->line[i]];

    if (!next->seen) {
        next->stands = standing_alone(search, k);
    }
    next->seen |= bit;
    next->strikes[o] = 0;
    es_line_advance(&line, &search->rules->line[i], &search->moment, option->pitch,
                    option->act == ES_ACT_STRIKE);
    if (es_scene_is_exempt(scene, i, search->moment.tick)) {
        es_line_forgive(&line);
    }
    if (option->act == ES_ACT_STRIKE) {
        es_tone_struck(&line, &scene->style->parts[scene->cast->part[i]],
                       &search->action[place][option->action], option->pitch);
    }
    if (es_scene_is_given(scene, i, future->moment.tick)) {
        if (future->is_known) {
            es_search_see_given(search, k, o, &line);
        } else if (is_left_open(search, k, &line) &&
                   !es_scene_is_given(scene, i, search->moment.tick)) {
            next->open |= bit;
        }
        return;
    }
    if (outlook->between > 0) {
        see_over_a_note(search, k, o, &line);
    } else if (outlook->is_loose) {
        line = (es_line){.pitch = ES_SILENT, .last = ES_SILENT, .anchor = ES_SILENT};
        next->strikes[o] = future->is_known ? strikes_after(search, k, &line) : 0;
    } else if (is_left_open(search, k, &line) &&
               !es_scene_is_given(scene, i, search->moment.tick)) {
        next->open |= bit;
    } else if (future->is_known) {
        next->strikes[o] = strikes_after(search, k, &line);
        next->holds |= may_hold(search, k, &line) ? bit : 0;
    }
    if (future->is_known && outlook->may_rest &&
        (line.pitch == ES_SILENT ||
         !es_line_breaks(&future->rules->line[i], &line, &future->moment, ES_SILENT, false))) {
        next->rests |= bit;
    }
}

/* ---- pairs as sets ---- */

static uint64_t of_members(const es_future_line *line, uint8_t members)
{
    uint64_t set = 0;

    for (int b = 0; b < 5; b++) {
        set |= members >> b & 1 ? line->of_member[b] : 0;
    }
    return set;
}

/* Pitches of `that` that stand well with `own`, the upper or the lower of the two. */
static uint64_t standing(const es_pair_rule *rule, bool is_upper, const es_sound *own,
                         const es_future_line *that)
{
    const int now = own->now;
    uint64_t set = ~(uint64_t)0;

    if (rule->cross) {
        set &= is_upper ? es_future_below(that, now + 1) : ~es_future_below(that, now);
    }
    if (rule->spacing < 128) {
        set &= es_future_below(that, now + rule->spacing + 1) &
               ~es_future_below(that, now - rule->spacing);
    }
    if (rule->unison) {
        set &= ~es_future_at(that, now);
    }
    for (uint64_t clash = rule->clash; clash; clash &= clash - 1) {
        const int size = es_first_bit(clash);
        set &= ~(es_future_at(that, now + size) | es_future_at(that, now - size));
    }
    for (int b = 0; b < 5; b++) {
        if (rule->doubled & own->bits & 1u << b) {
            set &= ~that->of_member[b];
        }
    }
    return set;
}

/* Pitches of `that`, which sounds `before`, that may be moved to as `own` moves. */
static uint64_t moving(const es_pair_rule *rule, bool is_upper, const es_sound *own, int before,
                       const es_future_line *that)
{
    const int move = own->now - own->before;
    uint64_t set = ~(uint64_t)0;

    if (rule->overlap) {
        if (move != 0 && (is_upper ? own->now < before : own->now > before)) {
            return 0;
        }
        set &=
            is_upper ? es_future_below(that, own->before + 1) : ~es_future_below(that, own->before);
    }
    if (move == 0 || !(rule->parallel | rule->hidden)) {
        return set;
    }
    const uint64_t same_way =
        move > 0 ? ~es_future_below(that, before + 1) : es_future_below(that, before);
    const int interval = es_pitch_class(is_upper ? own->before - before : before - own->before);
    if (rule->parallel >> interval & 1) {
        const int same = es_pitch_class(is_upper ? own->now - interval : own->now + interval);
        set &= ~(that->of_class[same] & ~es_future_at(that, before));
    }
    for (uint64_t hidden = rule->hidden; hidden; hidden &= hidden - 1) {
        const int h = es_first_bit(hidden);
        const uint64_t into =
            same_way & that->of_class[es_pitch_class(is_upper ? own->now - h : own->now + h)];
        if (!is_upper) {
            set &=
                ~(into & ~(es_future_below(that, before + 3) & ~es_future_below(that, before - 2)));
        } else if (move > 2 || move < -2) {
            set &= ~into;
        }
    }
    return set;
}

/* ---- the search for a successor ---- */

/* What is left for each line. */
typedef struct outcome {
    uint64_t strikes[ES_GROUP_LINES];
    uint32_t holds, rests; /* Sets of lines, by place in the drawing order. */
    uint32_t open;         /* Lines not decided yet. */
} outcome;

static int before_of(const es_search *search, int k)
{
    const bool is_loose =
        search->future.outlook[search->scene->cast->place[search->order[k]]].is_loose;

    return is_loose ? ES_SILENT : search->option[k][search->chosen[k]].pitch;
}

/* Line k does `own`: narrow what the others may do. False when one of them has nothing left. */
static bool narrow(const es_search *search, outcome *left, int k, const es_sound *own)
{
    const es_future *future = &search->future;
    const es_cast *cast = search->scene->cast;
    const int i = search->order[k];

    left->open &= ~(1u << k);
    if (own->now < 0) {
        return true;
    }
    for (int j = 0; j < search->n; j++) {
        if (!(left->open >> j & 1)) {
            continue;
        }
        const int other = search->order[j];
        const bool is_given = future->outside.given >> cast->line[i] & 1;
        const bool are_given = is_given && (future->outside.given >> cast->line[other] & 1);
        if (cast->place[i] == cast->place[other] && !is_given) { /* Lines of a part act together. */
            left->holds &= own->strikes ? ~(1u << j) : ~0u;
            left->strikes[j] = own->strikes ? left->strikes[j] : 0;
        }
        if (future->rules->paired[i] >> cast->line[other] & 1) {
            const es_pair_rule *rule = &future->rules->pair[i][cast->line[other]];
            const es_future_line *that = &future->line[j];
            const bool is_upper = i < other;
            const int before = before_of(search, j);
            left->strikes[j] &= are_given ? ~(uint64_t)0 : standing(rule, is_upper, own, that);
            if (own->before >= 0 && before >= 0) {
                left->strikes[j] &= moving(rule, is_upper, own, before, that);
            }
            if (left->holds >> j & 1 && before >= 0 && !are_given) {
                const es_sound held = {(int16_t)before, (int16_t)before, false,
                                       future->moment.harmony->member[before % 12]};
                if (es_pair_breaks(rule, is_upper ? own : &held, is_upper ? &held : own)) {
                    left->holds &= ~(1u << j);
                }
            }
        }
        if (!left->strikes[j] && !((left->holds | left->rests) >> j & 1)) {
            return false;
        }
    }
    return true;
}

static int fewest(const es_search *search, const outcome *left)
{
    int best = -1, least = 0;

    for (int k = 0; k < search->n; k++) {
        if (left->open >> k & 1) {
            const int count = es_count_bits(left->strikes[k]) + (int)(left->holds >> k & 1) +
                              (int)(left->rests >> k & 1);
            if (best < 0 || count < least) {
                best = k;
                least = count;
            }
        }
    }
    return best;
}

/* Whether every member that must not be missing sounds already, or still can. */
static bool can_be_full(const es_search *search, const outcome *left, const es_sound *sounds)
{
    const es_future *future = &search->future;

    for (uint32_t s = 0; s < future->rules->n_sets; s++) {
        const es_set_rule *rule = &future->rules->set[s];
        bool can = rule->is_bass || (rule->lines & (future->outside.lines | future->outside.given));
        for (int k = 0; k < search->n && !can; k++) {
            if (!(rule->lines >> search->scene->cast->line[search->order[k]] & 1)) {
                continue;
            }
            can = left->open >> k & 1
                      ? ((left->holds | left->rests) >> k & 1) ||
                            (left->strikes[k] & of_members(&future->line[k], rule->member))
                      : (sounds[k].now < 0 || (sounds[k].bits & rule->member));
        }
        if (!can && (future->members & rule->member)) {
            return false;
        }
    }
    return true;
}

static bool succeed(const es_search *search, const outcome *left, es_sound *sounds);

static bool try_sound(const es_search *search, const outcome *left, es_sound *sounds, int k)
{
    outcome below_it;

    below_it.holds = left->holds;
    below_it.rests = left->rests;
    below_it.open = left->open;
    for (int j = 0; j < search->n; j++) {
        below_it.strikes[j] = left->strikes[j];
    }

    return narrow(search, &below_it, k, &sounds[k]) &&
           (search->future.rules->n_sets == 0 || can_be_full(search, &below_it, sounds)) &&
           succeed(search, &below_it, sounds);
}

static bool succeed(const es_search *search, const outcome *left, es_sound *sounds)
{
    const es_future *future = &search->future;
    const int k = fewest(search, left);

    if (k < 0) {
        return !es_sets_break(search->scene, future->rules, future->moment.harmony,
                              &future->outside, search->order, sounds, search->n);
    }
    const int before = before_of(search, k);
    if (left->holds >> k & 1) {
        sounds[k] = (es_sound){(int16_t)before, (int16_t)before, false,
                               before >= 0 ? future->moment.harmony->member[before % 12] : 0};
        if (try_sound(search, left, sounds, k)) {
            return true;
        }
    }
    /* From where the line is upwards, then the others: what is near will serve more sonorities (witnesses, below). */
    const uint64_t lower = es_future_below(&future->line[k], before - 2);
    for (int way = 0; way < 2; way++) {
        for (uint64_t rest = left->strikes[k] & (way ? lower : ~lower); rest; rest &= rest - 1) {
            const int c = es_first_bit(rest);
            sounds[k] = (es_sound){(int16_t)before, future->line[k].pitch[c], true,
                                   future->line[k].bits[c]};
            if (try_sound(search, left, sounds, k)) {
                return true;
            }
        }
    }
    if (left->rests >> k & 1) {
        sounds[k] = (es_sound){(int16_t)before, ES_SILENT, false, 0};
        return try_sound(search, left, sounds, k);
    }
    return false;
}

/* Whether all lines may hold what they sound: what stands together now stands then, too, under the same rules and chord. */
static bool may_all_hold(const es_search *search)
{
    const es_future *future = &search->future;
    const es_rules *rules = future->rules;
    const bool is_same = rules == search->rules && future->keeps_chord;
    es_sound sounds[ES_GROUP_LINES];

    for (int k = 0; k < search->n; k++) {
        if (!(future->line[k].holds >> search->chosen[k] & 1)) {
            return false;
        }
    }
    if (is_same && rules->n_sets == 0) {
        return true;
    }
    for (int k = 0; k < search->n; k++) {
        const int i = search->order[k], pitch = before_of(search, k);
        sounds[k] = (es_sound){(int16_t)pitch, (int16_t)pitch, false,
                               pitch >= 0 ? future->moment.harmony->member[pitch % 12] : 0};
        for (int j = 0; j < k && !is_same; j++) {
            const int other = search->order[j];
            const es_pair_rule *rule = &rules->pair[i][search->scene->cast->line[other]];
            if ((rules->paired[i] >> search->scene->cast->line[other] & 1) &&
                es_pair_breaks(rule, &sounds[i < other ? k : j], &sounds[i < other ? j : k])) {
                return false;
            }
        }
    }
    return !es_sets_break(search->scene, rules, future->moment.harmony, &future->outside,
                          search->order, sounds, search->n);
}

/*
 * Whether a successor that was found for another sonority serves here, too. What each line can reach was noted when its option was
 * seen; that the sounds go together was found then, unless a rule looks at how they are moved to.
 */
static bool serves(const es_search *search, const es_witness *witness)
{
    const es_rules *rules = search->future.rules;
    const es_cast *cast = search->scene->cast;
    es_sound sounds[ES_GROUP_LINES];

    for (int k = 0; k < search->n; k++) {
        if (!(witness->reached[k] >> search->chosen[k] & 1)) {
            return false;
        }
    }
    for (int k = 0; k < search->n && rules->has_motion; k++) {
        const int i = search->order[k];
        sounds[k] = witness->sound[k];
        sounds[k].before = (int16_t)before_of(search, k);
        for (int j = 0; j < k; j++) {
            const int other = search->order[j];
            const bool is_upper = i < other;
            if ((rules->paired[i] >> cast->line[other] & 1) &&
                es_pair_breaks(&rules->pair[i][cast->line[other]], &sounds[is_upper ? k : j],
                               &sounds[is_upper ? j : k])) {
                return false;
            }
        }
    }
    return true;
}

/* Whether line k, after its option o, may do what it does in the witness. */
static bool reaches(const es_search *search, const es_witness *witness, int k, int o)
{
    const es_future_line *next = &search->future.line[k];
    const es_sound *sound = &witness->sound[k];

    if (sound->strikes) {
        return (next->strikes[o] & es_future_at(next, sound->now)) != 0;
    }
    return sound->now == ES_SILENT
               ? next->rests >> o & 1
               : (next->holds >> o & 1) && search->option[k][o].pitch == sound->now;
}

/* Keep a successor that was found, in place of the oldest. */
static void keep_witness(es_search *search, const es_sound *sounds)
{
    es_future *future = &search->future;
    es_witness *witness = &future->witness[future->n_found % ES_WITNESSES];

    future->n_found++;
    for (int k = 0; k < search->n; k++) {
        witness->sound[k] = sounds[k];
        witness->reached[k] = 0;
        for (uint64_t seen = future->line[k].seen; seen; seen &= seen - 1) {
            const int o = es_first_bit(seen);
            witness->reached[k] |= (uint64_t)reaches(search, witness, k, o) << o;
        }
    }
}

/* Line k's option o was seen: which witnesses does it reach? */
static void meet_witnesses(es_search *search, int k, int o)
{
    es_future *future = &search->future;

    for (uint32_t w = 0; w < future->n_found && w < ES_WITNESSES; w++) {
        future->witness[w].reached[k] |= (uint64_t)reaches(search, &future->witness[w], k, o) << o;
    }
}

static bool has_witness(const es_search *search)
{
    const es_future *future = &search->future;

    for (uint32_t w = 0; w < future->n_found && w < ES_WITNESSES; w++) {
        if (serves(search, &future->witness[w])) {
            return true;
        }
    }
    return false;
}

bool es_search_has_future(es_search *search)
{
    es_future *future = &search->future;
    outcome left;
    es_sound sounds[ES_GROUP_LINES];

    for (int k = 0; k < search->n; k++) {
        const int o = search->chosen[k];
        if (!(future->line[k].seen >> o & 1)) {
            see(search, k, o);
            meet_witnesses(search, k, o);
        }
        if (future->line[k].open >> o & 1) {
            return false;
        }
    }
    if (!future->is_known || may_all_hold(search) || has_witness(search)) {
        return true;
    }
    left.holds = left.rests = 0;
    left.open = (1u << search->n) - 1;
    for (int k = 0; k < search->n; k++) {
        const es_future_line *line = &future->line[k];
        const int o = search->chosen[k];
        left.strikes[k] = line->strikes[o];
        left.holds |= (uint32_t)(line->holds >> o & 1) << k;
        left.rests |= (uint32_t)(line->rests >> o & 1) << k;
        if (!left.strikes[k] && !((left.holds | left.rests) >> k & 1)) {
            return false;
        }
    }
    if (!succeed(search, &left, sounds)) {
        return false;
    }
    keep_witness(search, sounds);
    return true;
}
