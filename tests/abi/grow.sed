# grow.sed - the next minor of a header: a function, a member, a type and a constant more,
# none of them declared for an older target.  NEXT stands for its number.
s/^(#define HD_ABI_MINOR) .*/\1 NEXT/
/^enum hd_type \{/,/^\};/ s/^\};/#if HD_ABI_TARGET >= NEXT\n\t, HD_GROWN\n#endif\n};/
/^struct hd_resource \{/,/^\};/ s/^\};/#if HD_ABI_TARGET >= NEXT\n\tconst struct hd_grown *grown;\n#endif\n};/
/^struct hd_value \{/,/^\};/ s/^\};/#if HD_ABI_TARGET >= NEXT\n\tint64_t grown;\n#endif\n};/
/^struct hd_host \{/,/^\};/ s/^\};/#if HD_ABI_TARGET >= NEXT\n\tint64_t (*grown)(struct hd_req *);\n#endif\n};/
/^struct hd_resource \{/ i #if HD_ABI_TARGET >= NEXT\nstruct hd_grown {\n\tunsigned height;\n};\n#endif\n
/^\/\* ---- start ---- \*\// i #if HD_ABI_TARGET >= NEXT\nstatic inline int64_t\nhd_grow(struct hd_req *req)\n{\n\treturn req->host->grown(req);\n}\n#endif\n
