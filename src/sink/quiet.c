/*
 * ALSA prints on standard error where a device is missing, GLib where a sound font is broken. Both are asked for only if they are
 * loaded already, so nothing here depends on them.
 */
#define _GNU_SOURCE
#include "sink/quiet.h"

#include <dlfcn.h>
#include <string.h>

typedef void (*alsa_handler)(const char *file, int line, const char *function, int error,
                             const char *format, ...);
typedef void (*glib_handler)(const char *domain, int level, const char *message, void *self);
typedef glib_handler (*glib_setter)(glib_handler handler, void *self);

static glib_handler glib_before;

/*
 * A function of a library that is loaded; false where there is none. The library is not closed, since it keeps our handler.
 * @param function  Address of a pointer to function, overwritten.
 */
static int find(void *function, const char *library, const char *name)
{
    void *const handle = dlopen(library, RTLD_LAZY | RTLD_NOLOAD);
    void *const symbol = handle ? dlsym(handle, name) : NULL;

    memcpy(function, &symbol, sizeof symbol);
    return symbol != NULL;
}

static void say_nothing_alsa(const char *file, int line, const char *function, int error,
                             const char *format, ...)
{
    (void)file;
    (void)line;
    (void)function;
    (void)error;
    (void)format;
}

static void say_nothing_glib(const char *domain, int level, const char *message, void *self)
{
    (void)domain;
    (void)level;
    (void)message;
    (void)self;
}

void es_quiet_alsa(void)
{
    int (*set)(alsa_handler handler);

    if (find(&set, "libasound.so.2", "snd_lib_error_set_handler")) {
        set(say_nothing_alsa);
    }
}

void es_quiet_glib_begin(void)
{
    glib_setter set;

    if (find(&set, "libglib-2.0.so.0", "g_log_set_default_handler")) {
        glib_before = set(say_nothing_glib, NULL);
    }
}

void es_quiet_glib_end(void)
{
    glib_setter set;

    if (glib_before && find(&set, "libglib-2.0.so.0", "g_log_set_default_handler")) {
        set(glib_before, NULL);
        glib_before = NULL;
    }
}
