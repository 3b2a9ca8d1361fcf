using Microsoft.Extensions.DependencyInjection;

namespace Notify.Kernel.Reviewing;

/// <summary>
/// What a module says of its events to a review of a period (<c>POST /replays</c>): what each counts for, and how it reads on one line. The review itself
/// knows no field of any event.
/// </summary>
/// <param name="Prefix">Events whose type begins with this are part of an incident, described or not.</param>
/// <param name="Streams">The kinds of streams that name an alarm in their first event.</param>
public sealed record ModuleReview(string Prefix, IReadOnlyList<ReviewedStream> Streams, IReadOnlyList<ReviewedType> Types);

/// <summary>A kind of streams that are about an alarm, or about telling somebody of one.</summary>
public sealed class ReviewedStream
{
    private readonly Func<string, object, ReviewSubject?> subject;

    private ReviewedStream(string kind, Func<string, object, ReviewSubject?> subject) => (Kind, this.subject) = (kind, subject);

    /// <summary>What the ids of the streams begin with, up to the dash.</summary>
    public string Kind { get; }

    /// <param name="subject">Of the stream's id and its first event.</param>
    public static ReviewedStream Of<TFirst>(string kind, Func<string, TFirst, ReviewSubject> subject)
        where TFirst : class =>
        new(kind, (id, first) => first is TFirst e ? subject(id, e) : null);

    public ReviewSubject? SubjectOf(string id, object first) => subject(id, first);
}

/// <param name="Receivers">Whom a notification is for; null for an alarm.</param>
public sealed record ReviewSubject(string AlarmId, string AlarmName, string AlarmPath, IReadOnlyList<string>? Receivers = null);

/// <summary>What is said of one type of events.</summary>
public sealed class ReviewedType
{
    private readonly Func<object, long, ReviewFact>? fact;
    private readonly Func<object, ReviewSubject?, ReviewVoice, ReviewLine>? line;

    private ReviewedType(Type clrType, Func<object, long, ReviewFact>? fact, Func<object, ReviewSubject?, ReviewVoice, ReviewLine>? line) =>
        (ClrType, this.fact, this.line) = (clrType, fact, line);

    public Type ClrType { get; }

    /// <param name="fact">Of the event and its version in its stream.</param>
    /// <param name="line">Null: its summary is the line.</param>
    public static ReviewedType Of<T>(Func<T, long, ReviewFact> fact, Func<T, ReviewSubject?, ReviewVoice, ReviewLine>? line = null)
        where T : class =>
        new(typeof(T), (e, version) => fact((T)e, version), line is null ? null : (e, subject, say) => line((T)e, subject, say));

    /// <summary>It only has a line.</summary>
    public static ReviewedType Of<T>(Func<T, ReviewSubject?, ReviewVoice, ReviewLine> line)
        where T : class =>
        new(typeof(T), null, (e, subject, say) => line((T)e, subject, say));

    /// <summary>Of the others nothing need be read that has no line.</summary>
    public bool HasFact => fact is not null;

    public ReviewFact FactOf(object e, long version) => fact?.Invoke(e, version) ?? ReviewFact.None;

    public ReviewLine? LineOf(object e, ReviewSubject? subject, ReviewVoice say) => line?.Invoke(e, subject, say);
}

public static class ModuleReviewRegistration
{
    public static IServiceCollection AddReview(this IServiceCollection services, ModuleReview review) => services.AddSingleton(review);
}
