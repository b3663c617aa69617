# Completion of concdoctor for fish: save as ~/.config/fish/completions/concdoctor.fish
function __concdoctor_candidates
    set -l words (commandline -opc) (commandline -ct)
    $words[1] __complete -- $words[2..-1] 2>/dev/null
end
function __concdoctor_has_candidates
    set -l found (__concdoctor_candidates)
    test (count $found) -gt 0
end
complete -c concdoctor -n __concdoctor_has_candidates -f -a '(__concdoctor_candidates)'
