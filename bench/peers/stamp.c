/* Writes the time (CLOCK_MONOTONIC, ns) as a line at the end of a file, and then becomes the program named behind it, if one is:
 * put before a queue's submit it tells when that began, as a job when the job began. The same for everyone.
 *
 *   stamp FILE [PROGRAM ARGUMENT...] */
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct timespec now;
    char line[64];
    int fd, length;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (argc < 2 || (fd = open(argv[1], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) < 0) return 64;
    length = snprintf(line, sizeof line, "%lld%09ld\n", (long long)now.tv_sec, now.tv_nsec);
    if (write(fd, line, length) != length) return 1;
    if (argc > 2) execvp(argv[2], argv + 2);
    return argc > 2;
}
