/* PostgreSQL makes one System V segment, a few bytes by which two servers of one data folder would find each other, and has
 * all it really shares mapped by itself. A box allows no System V memory: it outlives the command that made it. So these few
 * bytes are mapped too, which the server's children inherit like the rest. No two servers ever have one folder here.
 */

#define INVALID 22
#define REMOVE 0
#define READ_AND_WRITE 3
#define SHARED_AND_ANONYMOUS 0x21

extern void *mmap(void *, unsigned long, int, int, int, long);
extern int *__errno_location(void);

static unsigned long size;

int shmget(int key, unsigned long bytes, int flags)
{
    size = bytes;
    return 1;
}

void *shmat(int segment, const void *where, int flags)
{
    return mmap(0, size, READ_AND_WRITE, SHARED_AND_ANONYMOUS, -1, 0);
}

int shmdt(const void *where)
{
    return 0;
}

int shmctl(int segment, int command, void *answer)
{
    if (command == REMOVE)
        return 0;
    *__errno_location() = INVALID;
    return -1;
}
