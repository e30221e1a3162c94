/* SPDX-License-Identifier: Apache-2.0 */
#include "procfs.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { CPU_MAX = 1 << 16 }; /* more than any kernel is built for */

struct error *procfs_check_mounts(const struct host *host)
{
	static const struct {
		const char *probe, *type, *path;
	} mounts[] = {
		{"/proc/self", "proc", "/proc"},
		{"/sys/kernel", "sysfs", "/sys"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(mounts); i++) {
		if (!host_exists(host, mounts[i].probe))
			return error_new(ENOENT,
				"%s is not mounted here; \"mount -t %s %s %s\" does it",
				mounts[i].path, mounts[i].type, mounts[i].type, mounts[i].path);
	}
	return NULL;
}

/* The number behind "Tgid:"; 0 when there is none. */
static int32_t process_in(const char *status)
{
	static const char key[] = "\nTgid:";
	const char *at = strstr(status, key);

	return at ? (int32_t)strtol(at + strlen(key), NULL, 10) : 0;
}

struct error *procfs_check_process(const struct host *host, int32_t pid)
{
	_cleanup_str_ struct str path = STR_INIT, status = STR_INIT;

	str_printf(&path, "/proc/%d/status", pid);

	_cleanup_error_ struct error *error = host_read_file(host, path.data, &status);

	if (error)
		return error_system(ESRCH, "process %d", pid);

	int32_t process = process_in(str_text(&status));

	if (process && process != pid)
		return error_new(
			EINVAL, "%d is a thread of process %d; use -p %d", pid, process, process);
	return NULL;
}

struct error *procfs_program(const struct host *host, int32_t pid, struct str *out)
{
	static const char mark[] = " (deleted)";
	_cleanup_str_ struct str path = STR_INIT;
	_cleanup_close_ int fd = -1;
	char target[PATH_MAX];

	/* The link's text is the answer, so it is opened itself, not what it leads to. */
	str_printf(&path, "/proc/%d/exe", pid);

	struct error *error = host_open(host, path.data, O_PATH | O_NOFOLLOW, &fd);

	if (error)
		return error;

	ssize_t length = readlinkat(fd, "", target, sizeof(target));

	if (length < 0 && errno == EACCES)
		return error_new(EACCES,
			"the program of process %d cannot be read; root or CAP_SYS_PTRACE is "
			"needed",
			pid);
	if (length < 0)
		return error_system(errno, "%s", path.data);

	size_t kept = (size_t)length;
	size_t mark_length = sizeof(mark) - 1;

	if (kept > mark_length && memcmp(target + kept - mark_length, mark, mark_length) == 0)
		kept -= mark_length;
	str_append_bytes(out, target, kept);
	return NULL;
}

struct error *procfs_release(const struct host *host, struct str *out)
{
	size_t before = out->length;
	struct error *error = host_read_file(host, "/proc/sys/kernel/osrelease", out);

	if (error)
		return error;
	str_truncate(out, before + strcspn(str_text(out) + before, "\n"));
	return NULL;
}

/* "6.1.124": what is missing is 0. */
static bool parse_version(const char *text, struct kernel_version *ret)
{
	size_t count = 0;

	*ret = (struct kernel_version){};
	while (count < ARRAY_SIZE(ret->numbers) && isdigit((unsigned char)*text)) {
		char *end;

		ret->numbers[count++] = (unsigned)strtoul(text, &end, 10);
		text = *end == '.' ? end + 1 : end;
	}
	return count >= 2;
}

/* The last word of a file, or what follows a word in it. */
static bool version_in_file(
	const struct host *host, const char *path, const char *before, struct kernel_version *ret)
{
	_cleanup_str_ struct str text = STR_INIT;
	_cleanup_error_ struct error *error = host_read_file(host, path, &text);
	const char *at = before ? strstr(str_text(&text), before) : strrchr(str_text(&text), ' ');

	return !error && at && parse_version(at + (before ? strlen(before) : 1), ret);
}

struct error *procfs_version(const struct host *host, struct kernel_version *ret)
{
	_cleanup_str_ struct str release = STR_INIT;
	struct error *error;

	/* Debian's and Ubuntu's */
	if (version_in_file(host, "/proc/sys/kernel/version", "Debian ", ret) ||
		version_in_file(host, "/proc/version_signature", NULL, ret))
		return NULL;
	error = procfs_release(host, &release);
	if (!error && !parse_version(str_text(&release), ret))
		error = error_new(EINVAL, "%s is no version of a kernel", str_text(&release));
	return error;
}

/* Reads digits and moves behind them. */
static bool take_number(const char **at, uint32_t *ret)
{
	uint32_t number = 0;
	const char *digit = *at;

	for (; *digit >= '0' && *digit <= '9'; digit++) {
		number = number * 10 + (uint32_t)(*digit - '0');
		if (number >= CPU_MAX)
			return false;
	}
	if (digit == *at)
		return false;
	*at = digit;
	*ret = number;
	return true;
}

/* "0-3,8" */
static bool parse_cpus(const char *text, procfs_cpus *ret)
{
	for (const char *at = text;; at++) {
		uint32_t first, last;

		if (!take_number(&at, &first))
			return false;
		last = first;
		if (*at == '-') {
			at++;
			if (!take_number(&at, &last) || last < first)
				return false;
		}
		for (uint32_t cpu = first; cpu <= last; cpu++)
			vec_push(ret, cpu);
		if (ret->count > CPU_MAX)
			return false;
		if (*at != ',')
			return *at == '\n' || *at == '\0';
	}
}

static struct error *read_cpus(const struct host *host, const char *path, procfs_cpus *ret)
{
	_cleanup_str_ struct str text = STR_INIT;
	size_t before = ret->count;
	struct error *error = host_read_file(host, path, &text);

	if (error)
		return error;
	if (!parse_cpus(str_text(&text), ret)) {
		ret->count = before;
		return error_new(EINVAL, "%s: not a list of CPUs", path);
	}
	return NULL;
}

struct error *procfs_online_cpus(const struct host *host, procfs_cpus *ret)
{
	return read_cpus(host, "/sys/devices/system/cpu/online", ret);
}

struct error *procfs_possible_cpus(const struct host *host, uint32_t *ret)
{
	procfs_cpus cpus = {};
	struct error *error = read_cpus(host, "/sys/devices/system/cpu/possible", &cpus);

	if (!error)
		*ret = *vec_last(&cpus) + 1;
	vec_deinit(&cpus);
	return error;
}
