/* The physical limit of the moment: starts the process tree that a UOW has, and does nothing else. For each job a guardian is
 * forked, which forks the job into a process group of its own and, where it is in use, a tee into another, and waits for both.
 *
 *   reference COUNT SLOTS append|tee DIR PROGRAM ARGUMENT...
 *
 * DIR holds a file u0, u1, ... for each job's output. Prints how many jobs ended with 0. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int guardian(int is_tee, const char *file, char **argv)
{
    int ends[2], status, left;
    pid_t tee = 0, job;
    if (is_tee) {
        if (pipe(ends)) return 1;
        if ((tee = fork()) == 0) {
            setpgid(0, 0);
            dup2(ends[0], 0);
            close(ends[0]);
            close(ends[1]);
            dup2(open("/dev/null", O_WRONLY), 1);
            execlp("tee", "tee", "-a", file, (char *)0);
            _exit(127);
        }
        close(ends[0]);
    }
    if ((job = fork()) == 0) {
        int out = is_tee ? ends[1] : open(file, O_WRONLY | O_APPEND);
        setpgid(0, 0);
        dup2(open("/dev/null", O_RDONLY), 0);
        dup2(out, 1);
        dup2(out, 2);
        close(out);
        execvp(argv[0], argv);
        _exit(127);
    }
    if (is_tee) close(ends[1]);
    waitpid(job, &status, 0);
    if (is_tee) waitpid(tee, &left, 0);
    return status != 0;
}

int main(int argc, char **argv)
{
    int count, slots, is_tee, at = 0, running = 0, good = 0, status;
    if (argc < 6) return 64;
    count = atoi(argv[1]);
    slots = atoi(argv[2]);
    is_tee = strcmp(argv[3], "tee") == 0;
    while (at < count || running > 0) {
        if (at < count && running < slots) {
            if (fork() == 0) {
                char file[4096];
                snprintf(file, sizeof file, "%s/u%d", argv[4], at);
                _exit(guardian(is_tee, file, argv + 5));
            }
            at++;
            running++;
            continue;
        }
        wait(&status);
        running--;
        if (status == 0) good++;
    }
    printf("%d\n", good);
    return 0;
}
