/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Capabilities of this process by libcap. The bounding set can only be reduced while CAP_SETPCAP is
 * effective, so the first call empties it before it drops others. A process without CAP_SETPCAP
 * keeps its bounding set, which with no_new_privs grants nothing.
 */
#include "confine.h"

#include <errno.h>
#include <grp.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "libcommon/base/alloc.h"

static void cleanup_cap(cap_t *caps)
{
	if (*caps)
		cap_free(*caps);
}
#define _cleanup_cap_ _cleanup_(cleanup_cap)

static capability_set get_set(cap_t caps, cap_flag_t flag)
{
	capability_set set = 0;

	for (cap_value_t cap = 0; cap < cap_max_bits(); cap++) {
		cap_flag_value_t value = CAP_CLEAR;

		if (cap_get_flag(caps, cap, flag, &value) == 0 && value == CAP_SET)
			set |= CAPABILITY(cap);
	}
	return set;
}

/* Makes the flags of caps exactly set. */
static void put_set(cap_t caps, cap_flag_t flag, capability_set set)
{
	cap_clear_flag(caps, flag);
	for (cap_value_t cap = 0; cap < cap_max_bits(); cap++) {
		if (set & CAPABILITY(cap))
			cap_set_flag(caps, flag, 1, &cap, CAP_SET);
	}
}

capability_set privilege_effective(void)
{
	_cleanup_cap_ cap_t caps = cap_get_proc();

	return caps ? get_set(caps, CAP_EFFECTIVE) : 0;
}

static struct error *empty_bounding_set(void)
{
	for (cap_value_t cap = 0; cap < cap_max_bits(); cap++) {
		/* EINVAL: beyond the last one that the kernel has. */
		if (cap_drop_bound(cap) != 0 && errno != EPERM && errno != EINVAL)
			return error_system(
				errno, "cannot drop a capability from the bounding set");
	}
	return NULL;
}

struct error *privilege_keep(capability_set keep)
{
	_cleanup_cap_ cap_t caps = cap_get_proc();

	if (!caps)
		return error_system(errno, "cannot read the capabilities of this process");
	keep &= get_set(caps, CAP_PERMITTED);
	put_set(caps, CAP_PERMITTED, keep);
	put_set(caps, CAP_EFFECTIVE, keep);
	cap_clear_flag(caps, CAP_INHERITABLE);

	struct error *error = empty_bounding_set();

	if (error)
		return error;
	if (cap_reset_ambient() != 0)
		return error_system(errno, "cannot empty the ambient capabilities");
	if (cap_set_proc(caps) != 0)
		return error_system(errno, "cannot drop capabilities");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return error_system(errno, "cannot set no_new_privs");
	return NULL;
}

/* --- the user --- */

struct membership {
	gid_t gid;
	size_t count;
	gid_t *groups;
};

static struct membership get_membership(void)
{
	int count = getgroups(0, NULL);
	gid_t *groups = xcalloc((size_t)MAX(count, 1), sizeof(*groups));

	count = getgroups(count, groups);
	return (struct membership){
		.gid = getegid(), .count = (size_t)MAX(count, 0), .groups = groups};
}

static int enter_user(uid_t user, gid_t group)
{
	if (setgroups(0, NULL) != 0 || setresgid(group, group, group) != 0 ||
		setresuid(user, user, user) != 0)
		return errno;
	return 0;
}

struct error *privilege_become(uid_t user, gid_t group)
{
	int number = enter_user(user, group);

	return number ? error_system(number, "cannot become user %u", (unsigned)user) : NULL;
}

uid_t privilege_own_user(void)
{
	static uid_t user;

	if (!user)
		user = PRIVILEGE_OWN_USER + (uid_t)getpid();
	return user;
}

/* Without a private id, as in user namespaces that map few, the overflow id owns no files. */
static int enter_no_user(void)
{
	uid_t own = privilege_own_user();
	int number = enter_user(own, own);

	return number == EINVAL ? enter_user(PRIVILEGE_NO_USER, PRIVILEGE_NO_USER) : number;
}

/* The uid, which is changed last, is still the old one. */
static void restore(const struct membership *old)
{
	if (setresgid(old->gid, old->gid, old->gid) == 0)
		(void)setgroups(old->count, old->groups);
}

struct error *privilege_leave_user(void)
{
	_cleanup_cap_ cap_t caps = cap_get_proc();

	if (!caps)
		return error_system(errno, "cannot read the capabilities of this process");
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0)
		return error_system(errno, "cannot keep capabilities for another user");

	struct membership old = get_membership();
	int number = enter_no_user();

	if (number)
		restore(&old);
	free(old.groups);
	(void)prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
	if (number)
		return error_system(number, "cannot become another user");
	/* The kernel empties the effective set as the uid leaves 0. */
	if (cap_set_proc(caps) != 0)
		return error_system(errno, "cannot keep capabilities for another user");
	return NULL;
}

bool privilege_try(capability_set these, bool (*works)(void *context), void *context)
{
	_cleanup_cap_ cap_t before = cap_get_proc();
	_cleanup_cap_ cap_t during = before ? cap_dup(before) : NULL;

	if (!during)
		return false;
	put_set(during, CAP_EFFECTIVE, these & get_set(before, CAP_PERMITTED));
	if (cap_set_proc(during) != 0)
		return false;

	bool answer = works(context);

	return cap_set_proc(before) == 0 && answer;
}

void privilege_names(capability_set set, struct str *out)
{
	const char *separator = "";

	if (!set)
		str_append(out, "none");
	for (cap_value_t cap = 0; cap < 64; cap++) {
		if (!(set & CAPABILITY(cap)))
			continue;
		char *name = cap_to_name(cap);

		str_printf(out, "%s%s", separator, name ? name : "?");
		cap_free(name);
		separator = " ";
	}
}

struct error *confine_process(enum sandbox sandbox, capability_set keep, bool leave_user)
{
	/* Without the privilege or an id the user stays, with fewer capabilities. */
	if (leave_user)
		error_free(privilege_leave_user());
	struct error *error = privilege_keep(keep);

	return error ? error : sandbox_install(sandbox, 0);
}

struct error *confine_compiler(void)
{
	struct error *error = privilege_keep(0);

	return error ? error : sandbox_install(SANDBOX_COMPILER, 0);
}
