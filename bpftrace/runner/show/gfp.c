/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Combinations come before their parts. The bits are those that all kernels from 5.10 on have at
 * the same place (include/linux/gfp_types.h of the kernel); what is above them depends on its
 * configuration.
 */
#include "gfp.h"

#include <inttypes.h>
#include <stddef.h>

#include "libcommon/base/attributes.h"

enum {
	DMA = 1 << 0,
	HIGHMEM = 1 << 1,
	DMA32 = 1 << 2,
	MOVABLE = 1 << 3,
	RECLAIMABLE = 1 << 4,
	HIGH = 1 << 5,
	IO = 1 << 6,
	FS = 1 << 7,
	ZERO = 1 << 8,
	ATOMIC = 1 << 9, /* before 6.2 */
	DIRECT_RECLAIM = 1 << 10,
	KSWAPD_RECLAIM = 1 << 11,
	WRITE = 1 << 12,
	NOWARN = 1 << 13,
	RETRY_MAYFAIL = 1 << 14,
	NOFAIL = 1 << 15,
	NORETRY = 1 << 16,
	MEMALLOC = 1 << 17,
	COMP = 1 << 18,
	NOMEMALLOC = 1 << 19,
	HARDWALL = 1 << 20,
	THISNODE = 1 << 21,
	ACCOUNT = 1 << 22,

	RECLAIM = DIRECT_RECLAIM | KSWAPD_RECLAIM,
	KERNEL = RECLAIM | IO | FS,
	USER = KERNEL | HARDWALL,
	HIGHUSER = USER | HIGHMEM,
	TRANSHUGE = (HIGHUSER | MOVABLE | COMP | NOMEMALLOC | NOWARN) & ~KSWAPD_RECLAIM,
};

static const struct {
	uint64_t bits;
	const char *name;
} names[] = {
	{TRANSHUGE, "GFP_TRANSHUGE"},
	{TRANSHUGE & ~DIRECT_RECLAIM, "GFP_TRANSHUGE_LIGHT"},
	{HIGHUSER | MOVABLE, "GFP_HIGHUSER_MOVABLE"},
	{HIGHUSER, "GFP_HIGHUSER"},
	{USER, "GFP_USER"},
	{KERNEL | ACCOUNT, "GFP_KERNEL_ACCOUNT"},
	{KERNEL, "GFP_KERNEL"},
	{RECLAIM | IO, "GFP_NOFS"},
	{HIGH | ATOMIC | KSWAPD_RECLAIM, "GFP_ATOMIC"},
	{HIGH | KSWAPD_RECLAIM, "GFP_ATOMIC"},
	{RECLAIM, "GFP_NOIO"},
	{KSWAPD_RECLAIM, "GFP_NOWAIT"},
	{DMA, "GFP_DMA"},
	{HIGHMEM, "__GFP_HIGHMEM"},
	{DMA32, "GFP_DMA32"},
	{HIGH, "__GFP_HIGH"},
	{ATOMIC, "__GFP_ATOMIC"},
	{IO, "__GFP_IO"},
	{FS, "__GFP_FS"},
	{NOWARN, "__GFP_NOWARN"},
	{RETRY_MAYFAIL, "__GFP_RETRY_MAYFAIL"},
	{NOFAIL, "__GFP_NOFAIL"},
	{NORETRY, "__GFP_NORETRY"},
	{COMP, "__GFP_COMP"},
	{ZERO, "__GFP_ZERO"},
	{NOMEMALLOC, "__GFP_NOMEMALLOC"},
	{MEMALLOC, "__GFP_MEMALLOC"},
	{HARDWALL, "__GFP_HARDWALL"},
	{THISNODE, "__GFP_THISNODE"},
	{RECLAIMABLE, "__GFP_RECLAIMABLE"},
	{MOVABLE, "__GFP_MOVABLE"},
	{ACCOUNT, "__GFP_ACCOUNT"},
	{WRITE, "__GFP_WRITE"},
	{DIRECT_RECLAIM, "__GFP_DIRECT_RECLAIM"},
};

void gfp_append(uint64_t flags, struct str *out)
{
	const char *bar = "";

	if (!flags)
		str_append(out, "0");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if ((flags & names[i].bits) != names[i].bits)
			continue;
		str_printf(out, "%s%s", bar, names[i].name);
		flags &= ~names[i].bits;
		bar = "|";
	}
	if (flags)
		str_printf(out, "%s0x%" PRIx64, bar, flags);
}
