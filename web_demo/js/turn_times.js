// A turn's stages as the rows of a waterfall. No browser in it.

// {label, help, from, to, kind}: ms after the end of the user's words. kind: hear (understanding the user),
// make (making the answer), send. Stages that were never reached are left out.
export function waterfall({ stages, voiceToVoiceMs, speechEndMs }) {
  const at = { ...stages, end: speechEndMs === null ? null : 0, heard: voiceToVoiceMs };
  const row = (label, help, kind, from, to) => {
    const begin = at[from] ?? 0;
    return at[to] === null || at[to] === undefined
      ? null
      : { label, help, kind, from: Math.max(0, Math.min(begin, at[to])), to: Math.max(0, at[to]) };
  };
  const made = Math.max(at.first_audio_made ?? 0, at.decided ?? 0);
  at.ready = made > 0 ? made : null;
  return [
    row("Pause", "Until a pause was noticed, in which work on an answer began.", "hear", "end", "paused"),
    row("Turn", "Until it was certain that you had finished.", "hear", "end", "decided"),
    row("Words", "The last words were recognised.", "hear", "paused", "transcript_final"),
    row("Thought", "The language model's first word.", "make", "transcript_final", "first_token"),
    row("Phrase", "The rest of the first phrase.", "make", "first_token", "first_phrase"),
    row("Voice", "The first sound was made.", "make", "first_phrase", "first_audio_made"),
    row("Send", "From ready, and wanted, to sent.", "send", "ready", "first_audio_sent"),
    row("Reach you", "Network, jitter buffer and loudspeaker.", "send", "first_audio_sent", "heard"),
  ].filter((stage) => stage !== null);
}

export function median(values) {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : Math.round((sorted[middle - 1] + sorted[middle]) / 2);
}

// "240 ms", "1.2 s".
export function duration(ms) {
  if (ms === null) return "–";
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 10000 ? 2 : 1)} s`;
}
