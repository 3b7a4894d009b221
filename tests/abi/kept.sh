# kept.sh - modules that were built once are served as on the first day; sourced by abi.sh

for source in $abi/binaries/target_*.c; do
	name=$(basename "$source" .c)
	so=$abi/binaries/$name.so
	expect "$name is as it was kept" sh -c "cd $abi/binaries && sha256sum -c $name.sha256"
	expect "$name is tiny" test "$(wc -c < "$so")" -lt 20000
	mkdir -p "$folder/source"
	expect "$name still compiles" build_kept "${name#target_}" core/include \
	    "$folder/source/$name.so"
	use "$name" "$folder/source/$name.so" "today"
	if [ "$machine" = x86_64 ]; then
		use "$name" "$so" "the first day"
	else
		echo "skipped: $so is for x86_64, this machine is $machine"
	fi
done
