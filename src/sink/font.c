/*
 * Sound fonts lie where the system's packages put them; a folder is read by name, so the choice is the same each time.
 */
#include "sink/font.h"

#include "base/diag.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { NAME_BYTES = 256 };

static const char *const folders[] = {
    "/usr/share/sounds/sf2",       "/usr/share/sounds/sf3",       "/usr/share/soundfonts",
    "/usr/local/share/sounds/sf2", "/usr/local/share/sounds/sf3", "/usr/local/share/soundfonts",
};

static bool is_there(char *path, size_t size, const char *folder, const char *name)
{
    const int length = snprintf(path, size, "%s/%s", folder, name);

    return length > 0 && (size_t)length < size && access(path, R_OK) == 0;
}

static bool is_font(const char *name)
{
    const char *const ending = strrchr(name, '.');

    return ending && (strcasecmp(ending, ".sf2") == 0 || strcasecmp(ending, ".sf3") == 0);
}

/* The first by name. */
static bool first_of(char *path, size_t size, const char *folder)
{
    char best[NAME_BYTES] = "";
    DIR *const listing = opendir(folder);
    const struct dirent *entry;

    if (!listing) {
        return false;
    }
    while ((entry = readdir(listing)) != NULL) {
        if (is_font(entry->d_name) && strlen(entry->d_name) < sizeof best &&
            (!best[0] || strcmp(entry->d_name, best) < 0) &&
            is_there(path, size, folder, entry->d_name)) {
            strcpy(best, entry->d_name);
        }
    }
    closedir(listing);
    return best[0] && is_there(path, size, folder, best);
}

estro_status es_font_find(char *path, size_t size, const char *wanted, estro_diag *diag)
{
    const char *const named = wanted ? wanted : getenv("ESTRO_SOUNDFONT");

    if (named && *named) {
        const int length = snprintf(path, size, "%s", named);
        if (length < 0 || (size_t)length >= size || access(path, R_OK) != 0) {
            es_diag_init(diag, named);
            return es_fail(diag, ESTRO_ERR_IO, "cannot read this sound font%s",
                           wanted ? "" : " ($ESTRO_SOUNDFONT)");
        }
        return ESTRO_OK;
    }
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        if (is_there(path, size, folders[i], "default-GM.sf2") ||
            is_there(path, size, folders[i], "default-GM.sf3") ||
            first_of(path, size, folders[i])) {
            return ESTRO_OK;
        }
    }
    return es_fail(diag, ESTRO_ERR_IO,
                   "no sound font: install one (such as timgm6mb-soundfont or "
                   "fluid-soundfont-gm), or name one in $ESTRO_SOUNDFONT");
}
