# Completion of concdoctor for bash: source <(concdoctor completion bash)
_concdoctor() {
    local IFS=$'\n' word="${COMP_WORDS[COMP_CWORD]}"
    [ "$word" = "=" ] && word=""
    COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" __complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)" -- "$word"))
}
complete -o default -F _concdoctor concdoctor
