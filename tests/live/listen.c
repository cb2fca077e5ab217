/*
 * listen NAME FILE: an ALSA sequencer client called NAME that writes down what it gets until its standard input ends: the time in ns
 * of the monotonic clock, the kind, the channel from 1, and the two numbers, a line each. Prints "ready" when it can be played to.
 */
#define _GNU_SOURCE
#include <alsa/asoundlib.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>

enum { MOST_DESCRIPTORS = 8 };

static long long now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void note(FILE *file, long long time_ns, const snd_seq_event_t *event)
{
    const snd_seq_ev_note_t *const n = &event->data.note;
    const snd_seq_ev_ctrl_t *const c = &event->data.control;

    switch (event->type) {
    case SND_SEQ_EVENT_NOTEON:
        fprintf(file, "%lld on %d %d %d\n", time_ns, n->channel + 1, n->note, n->velocity);
        break;
    case SND_SEQ_EVENT_NOTEOFF:
        fprintf(file, "%lld off %d %d 0\n", time_ns, n->channel + 1, n->note);
        break;
    case SND_SEQ_EVENT_CONTROLLER:
        fprintf(file, "%lld control %d %u %d\n", time_ns, c->channel + 1, c->param, c->value);
        break;
    case SND_SEQ_EVENT_PGMCHANGE:
        fprintf(file, "%lld program %d %d 0\n", time_ns, c->channel + 1, c->value);
        break;
    case SND_SEQ_EVENT_START:
        fprintf(file, "%lld start 0 0 0\n", time_ns);
        break;
    case SND_SEQ_EVENT_CLOCK:
        fprintf(file, "%lld clock 0 0 0\n", time_ns);
        break;
    case SND_SEQ_EVENT_STOP:
        fprintf(file, "%lld stop 0 0 0\n", time_ns);
        break;
    case SND_SEQ_EVENT_PORT_SUBSCRIBED:
    case SND_SEQ_EVENT_PORT_UNSUBSCRIBED:
        break;
    default:
        fprintf(file, "%lld type-%d 0 0 0\n", time_ns, event->type);
        break;
    }
}

/* A client that is served before the player, and whose queue never fills. */
static snd_seq_t *open_client(const char *name)
{
    const struct sched_param priority = {.sched_priority = 60};
    snd_seq_t *client = NULL;

    mlockall(MCL_CURRENT | MCL_FUTURE);
    sched_setscheduler(0, SCHED_FIFO, &priority);
    if (snd_seq_open(&client, "default", SND_SEQ_OPEN_DUPLEX, SND_SEQ_NONBLOCK) < 0) {
        return NULL;
    }
    snd_seq_set_client_name(client, name);
    snd_seq_set_input_buffer_size(client, 1 << 20);
    snd_seq_set_client_pool_input(client, 2000);
    if (snd_seq_create_simple_port(
            client, name, SND_SEQ_PORT_CAP_WRITE | SND_SEQ_PORT_CAP_SUBS_WRITE,
            SND_SEQ_PORT_TYPE_MIDI_GENERIC | SND_SEQ_PORT_TYPE_APPLICATION) < 0) {
        return NULL;
    }
    return client;
}

int main(int argc, char **argv)
{
    struct pollfd descriptors[MOST_DESCRIPTORS + 1];
    snd_seq_event_t *event;
    FILE *const file = argc == 3 ? fopen(argv[2], "w") : NULL;
    snd_seq_t *const client = file ? open_client(argv[1]) : NULL;

    if (!client) {
        fputs("listen: cannot open the file or the sequencer\n", stderr);
        return 1;
    }
    const int count = snd_seq_poll_descriptors(client, descriptors, MOST_DESCRIPTORS, POLLIN);
    descriptors[count] = (struct pollfd){.fd = 0, .events = POLLIN};
    puts("ready");
    fflush(stdout);
    do {
        poll(descriptors, (nfds_t)count + 1, -1);
        const long long time_ns = now_ns();
        while (snd_seq_event_input(client, &event) >= 0) {
            note(file, time_ns, event);
        }
        fflush(file);
    } while (!descriptors[count].revents);
    fclose(file);
    snd_seq_close(client);
    return 0;
}
