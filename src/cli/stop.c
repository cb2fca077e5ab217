/*
 * Signals. The handler only calls what the public header says may be called from one, on an object that is taken away from it
 * before it is freed. Once installed it stays, so a late signal does not cut short what ends already.
 */
#include "stop.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

static _Atomic(estro_source *) source_at_work;
static _Atomic(estro_player *) player_at_work;
static _Atomic(estro_training *) training_at_work;
static volatile sig_atomic_t count;

/* Who asks more often than that while nothing is at work is obeyed at once: what is opened may hang. */
enum { MOST_UNHEARD = 2 };

static void on_signal(int number)
{
    estro_source *source = source_at_work;
    estro_player *player = player_at_work;
    estro_training *training = training_at_work;

    count = count + (number == SIGTERM ? 2 : 1);
    if (source) {
        estro_source_stop(source);
    }
    if (training) {
        estro_training_stop(training);
    }
    if (player) {
        estro_player_stop(player, count > 1);
    }
    if (!source && !training && !player && count > MOST_UNHEARD) {
        signal(number, SIG_DFL);
        raise(number);
    }
}

void cli_stop_note(void)
{
    struct sigaction action = {.sa_handler = on_signal};

    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

void cli_stop_source(estro_source *source)
{
    source_at_work = source;
    cli_stop_note();
}

void cli_stop_player(estro_player *player)
{
    player_at_work = player;
    cli_stop_note();
    if (player && count > 0) { /* Asked while its sink was opened. */
        estro_player_stop(player, count > 1);
    }
}

void cli_stop_training(estro_training *training)
{
    training_at_work = training;
    cli_stop_note();
}

int cli_stop_count(void)
{
    return count;
}
