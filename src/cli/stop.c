/*
 * Signals. The handler only calls what the public header says may be called from one; which object it stops is set while the
 * signals are at rest, so it never sees a freed one.
 */
#include "stop.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

static _Atomic(estro_source *) source_at_work;
static _Atomic(estro_player *) player_at_work;
static volatile sig_atomic_t count;

static void on_signal(int number)
{
    estro_source *source = source_at_work;
    estro_player *player = player_at_work;

    count = count + (number == SIGTERM ? 2 : 1);
    if (source) {
        estro_source_stop(source);
    }
    if (player) {
        estro_player_stop(player, count > 1);
    }
}

static void watch(bool is_on)
{
    struct sigaction action = {.sa_handler = is_on ? on_signal : SIG_DFL};

    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

void cli_stop_source(estro_source *source)
{
    source_at_work = source;
    watch(source != NULL);
}

void cli_stop_player(estro_player *player)
{
    player_at_work = player;
    watch(player != NULL);
}

void cli_stop_note(void)
{
    watch(true);
}

int cli_stop_count(void)
{
    return count;
}
