using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Audit.Following;
using Notify.Kernel;

namespace Notify.Audit.Index;

/// <summary>The terms of some events, and where each occurs.</summary>
internal sealed class IndexBatch
{
    private readonly Dictionary<Term, long> hashes = [];
    private readonly Dictionary<string, (string Actor, string? Reason)> headers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> folded = new(StringComparer.Ordinal);
    private readonly List<string> texts = [];

    public Dictionary<long, Term> Terms { get; } = [];
    public Dictionary<(int Block, long Term), List<ushort>> Postings { get; } = [];
    public Dictionary<int, (DateTimeOffset Min, DateTimeOffset Max)> Spans { get; } = [];

    /// <param name="subjects">What the streams are called, as far as the events so far say.</param>
    /// <param name="nameless">Takes the events whose stream's name must be looked up.</param>
    public void Add(FollowedEvent e, Dictionary<string, string> subjects, List<FollowedEvent> nameless)
    {
        var kind = KindOf(e.StreamId);
        Put(e.Sequence, HashOf(new Term(TermField.Type, e.Type, kind)));
        var (actor, reason) = HeadersOf(e.Headers);
        Put(e.Sequence, HashOf(new Term(TermField.Actor, e.UserName ?? Actor.System.Id, actor)));
        if (e.CorrelationId is { } correlation) Put(e.Sequence, HashOf(new Term(TermField.Correlation, correlation)));

        var span = (int)(e.Sequence >> AuditTables.SpanBits);
        Spans[span] = Spans.TryGetValue(span, out var times)
            ? (times.Min < e.Timestamp ? times.Min : e.Timestamp, times.Max > e.Timestamp ? times.Max : e.Timestamp)
            : (e.Timestamp, e.Timestamp);

        if (reason is not null) AddText(e.Sequence, reason);
        if (!SearchTexts.HasNone(e.Type))
        {
            texts.Clear();
            using var data = JsonDocument.Parse(e.Data);
            SearchTexts.AddTo(texts, kind, data.RootElement);
            foreach (var text in texts) AddText(e.Sequence, text);
            if (SearchTexts.SubjectOf(data.RootElement) is { } subject) subjects[e.StreamId] = subject;
        }

        if (subjects.TryGetValue(e.StreamId, out var known)) AddText(e.Sequence, known);
        else if (e.Version > 1) nameless.Add(e);
    }

    public void AddText(long sequence, string text)
    {
        if (!folded.TryGetValue(text, out var hash)) folded[text] = hash = HashOf(new Term(TermField.Text, Term.Fold(text)));
        Put(sequence, hash);
    }

    /// <summary>The folded texts by which one event is found.</summary>
    /// <param name="before">The event that named its stream.</param>
    public static IEnumerable<string> TextsOf(FollowedEvent e, JsonNode? before)
    {
        var batch = new IndexBatch();
        var subjects = new Dictionary<string, string>(StringComparer.Ordinal);
        if (before is not null && SearchTexts.SubjectOf(before.Deserialize<JsonElement>()) is { } subject) subjects[e.StreamId] = subject;
        batch.Add(e, subjects, []);
        return batch.Terms.Values.Where(x => x.Field == TermField.Text).Select(x => x.Value);
    }

    private static string KindOf(string stream) => stream.IndexOf('-', StringComparison.Ordinal) is > 0 and var end ? stream[..end] : stream;

    /// <summary>The same for all that one request caused: parsed once.</summary>
    private (string Actor, string? Reason) HeadersOf(string? json)
    {
        if (json is null) return (Actor.System.Name, null);
        if (headers.TryGetValue(json, out var known)) return known;
        using var document = JsonDocument.Parse(json);
        return headers[json] = (Text(document, AuditContext.ActorNameHeader) ?? Actor.System.Name, Text(document, AuditContext.ReasonHeader));
    }

    private static string? Text(JsonDocument headers, string name) => headers.RootElement.TryGetProperty(name, out var value) ? value.GetString() : null;

    private long HashOf(Term term)
    {
        if (!hashes.TryGetValue(term, out var hash)) Terms[hashes[term] = hash = term.Hash()] = term;
        return hash;
    }

    private void Put(long sequence, long hash)
    {
        var key = (AuditTables.BlockOf(sequence), hash);
        if (!Postings.TryGetValue(key, out var places)) Postings[key] = places = [];
        var place = (ushort)(sequence & (AuditTables.BlockSize - 1));
        if (places.Count == 0 || places[^1] != place) places.Add(place);
    }
}
