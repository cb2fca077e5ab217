/*
 * Where styles and models lie. Folders are visited in a fixed order, the user's before the installed ones: the order here is the
 * order of force.
 */
#include "base/folders.h"

#include "base/path.h"

#include <stdlib.h>
#include <string.h>

static bool visit_list(const char *list, es_folder_visit each, void *self)
{
    char folder[ES_PATH_BYTES];

    while (*list) {
        const size_t length = strcspn(list, ":");
        if (length > 0 && length < sizeof folder) {
            memcpy(folder, list, length);
            folder[length] = '\0';
            if (!each(self, folder)) {
                return false;
            }
        }
        list += length + (list[length] == ':');
    }
    return true;
}

static bool visit_below(const char *top, const char *below, es_folder_visit each, void *self)
{
    char folder[ES_PATH_BYTES];

    return !es_path_join(folder, sizeof folder, top, below) || each(self, folder);
}

/** Folders beside and above the running program: of a build tree, and of an installation that was moved. */
static bool visit_program(es_folder_visit each, void *self)
{
    char folder[ES_PATH_BYTES];

    es_path_program(folder, sizeof folder);
    for (int above = 0; above < 3 && *folder; above++) {
        if (!visit_below(folder, "styles", each, self) ||
            (above == 1 && !visit_below(folder, "share/estro/styles", each, self))) {
            return false;
        }
        char *slash = strrchr(folder, '/');
        if (slash) {
            *slash = '\0';
        }
    }
    return true;
}

void es_folders_visit(es_folder_visit each, void *self)
{
    const char *path = getenv("ESTRO_PATH"), *data = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME");
    bool goes_on = !path || visit_list(path, each, self);

    if (data && *data) {
        goes_on = goes_on && visit_below(data, "estro", each, self);
    } else if (home && *home) {
        goes_on = goes_on && visit_below(home, ".local/share/estro", each, self);
    }
    if (goes_on && visit_program(each, self)) {
        each(self, ES_DATADIR "/styles");
    }
}
