/*
 * peak_memory FILE COMMAND...: run a command and write the most memory that it had, in KiB, to FILE.
 *
 * Linux counts what a process had before exec, too: measured from a large parent, a small program seems as large as that. This parent
 * is small.
 */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int status = 0;
    struct rusage usage;

    if (argc < 3) {
        return 2;
    }
    const pid_t child = fork();
    if (child == 0) {
        execvp(argv[2], argv + 2);
        _exit(127);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || getrusage(RUSAGE_CHILDREN, &usage)) {
        return 1;
    }
    FILE *file = fopen(argv[1], "w");
    if (!file) {
        return 1;
    }
    fprintf(file, "%ld\n", usage.ru_maxrss);
    return fclose(file) || !WIFEXITED(status) || WEXITSTATUS(status);
}
