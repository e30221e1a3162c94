/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The integers of the language, of C, and those of the kernel's ABI. Scripts and tracepoint formats
 * name them all the time, and need not wait for the kernel's BTF then.
 */
#include "intern.h"

#include <string.h>

/* Names are enclosed in commas. */
static const struct {
	uint32_t bytes;
	int encoding;
	const char *names;
} rows[] = {
	{1, BTF_INT_SIGNED, ",int8,char,signed char,s8,__s8,int8_t,"},
	{2, BTF_INT_SIGNED, ",int16,short,short int,s16,__s16,int16_t,"},
	{4, BTF_INT_SIGNED, ",int32,int,s32,__s32,int32_t,pid_t,clockid_t,timer_t,key_t,mqd_t,"},
	{4, BTF_INT_SIGNED, ",rwf_t,key_serial_t,"},
	{8, BTF_INT_SIGNED,
		",int64,long,long int,long long,s64,__s64,int64_t,ssize_t,off_t,loff_t,"},
	{1, BTF_INT_BOOL, ",bool,"},
	{1, 0, ",uint8,unsigned char,u8,__u8,uint8_t,"},
	{2, 0, ",uint16,unsigned short,u16,__u16,uint16_t,umode_t,"},
	{4, 0, ",uint32,unsigned,unsigned int,u32,__u32,uint32_t,uid_t,gid_t,dev_t,qid_t,"},
	{8, 0, ",uint64,unsigned long,unsigned long long,u64,__u64,uint64_t,size_t,ino_t,"},
	{8, 0, ",aio_context_t,"},
};

uint32_t basic_find(struct types *types, const char *name)
{
	_cleanup_str_ struct str wanted = STR_INIT;

	str_printf(&wanted, ",%s,", name);
	if (strchr(name, ',') || *name == '\0')
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strstr(rows[i].names, str_text(&wanted)))
			return intern_integer(types, name, rows[i].bytes, rows[i].encoding);
	}
	return 0;
}
