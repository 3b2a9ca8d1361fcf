using System.Text.Json;
using Notify.Alarms.Intake;
using Notify.Alarms.Silences;
using Notify.Kernel;

namespace Notify.Alarms.Silencing;

/// <summary>Reads a silence from a request to Alertmanager's API. Unknown fields are ignored.</summary>
internal static class SilenceBody
{
    private const int MostMatchers = 50;
    private const int MaxName = 256;
    private const int MaxValue = 1000;
    private const int MaxBy = 200;
    private const int MaxComment = 500;
    private const int MaxDays = 366;

    /// <exception cref="ProblemException">400: the named fields are invalid.</exception>
    public static SilenceDraft Read(JsonElement body, DateTimeOffset now)
    {
        if (body.ValueKind != JsonValueKind.Object) throw ProblemException.Invalid("", "Give the silence as a JSON object.");
        var errors = new Errors();
        try
        {
            var draft = new SilenceDraft(
                Text(body, "id", 100, errors) is { Length: > 0 } id ? id : null, ReadMatchers(body, errors),
                Time(body, "startsAt", now, errors), Time(body, "endsAt", null, errors), Text(body, "createdBy", MaxBy, errors),
                Text(body, "comment", MaxComment, errors));
            errors.ThrowIfAny();
            if (draft.EndsAt <= draft.StartsAt) errors.Add("endsAt", "The end is before the start.");
            else if (draft.EndsAt <= now) errors.Add("endsAt", "The end must be in the future.");
            else if (draft.EndsAt - draft.StartsAt > TimeSpan.FromDays(MaxDays))
                errors.Add("endsAt", "An alarm can be shelved for at most one year.");
            errors.ThrowIfAny();
            return draft;
        }
        catch (InvalidOperationException)
        {
            throw ProblemException.Invalid("", "The name of a field is not valid Unicode.");
        }
    }

    private static List<SilenceMatcher> ReadMatchers(JsonElement body, Errors errors)
    {
        var matchers = new List<SilenceMatcher>();
        if (!body.TryGetProperty("matchers", out var list) || list.ValueKind != JsonValueKind.Array || list.GetArrayLength() is 0 or > MostMatchers)
        {
            errors.Add("matchers", $"Give 1 to {MostMatchers} matchers.");
            return matchers;
        }

        foreach (var (i, item) in list.EnumerateArray().Index())
        {
            var path = $"matchers[{i}]";
            if (item.ValueKind != JsonValueKind.Object)
            {
                errors.Add(path, "A matcher must be a JSON object.");
                continue;
            }

            var own = new Errors();
            var matcher = new SilenceMatcher(
                Text(item, "name", MaxName, own), Text(item, "value", MaxValue, own),
                Flag(item, "isRegex", false, own), Flag(item, "isEqual", true, own));
            if (matcher.Name.Length == 0 && !own.Any) own.Add("name", "A name is required.");
            if (matcher.IsRegex && !own.Any && !Matcher.IsPattern(matcher.Value)) own.Add("value", Matcher.NoPattern);
            errors.AddAll(path, own);
            matchers.Add(matcher);
        }

        // Such a silence would shelve every alarm.
        if (!errors.Any && matchers.TrueForAll(x => Matcher.Of(x).Matches(new Dictionary<string, string>())))
            errors.Add("matchers", "At least one matcher must not match an empty value.");
        return matchers;
    }

    private static string Text(JsonElement item, string field, int maxLength, Errors errors)
    {
        if (!item.TryGetProperty(field, out var value) || value.ValueKind == JsonValueKind.Null) return "";
        if (value.ValueKind != JsonValueKind.String || IntakeText.Exact(value) is not { } text)
            errors.Add(field, "The value must be text and valid Unicode.");
        else if (text.Length > maxLength) errors.Add(field, $"The text has at most {maxLength} characters.");
        else return field is "value" ? text : text.Trim();
        return "";
    }

    private static bool Flag(JsonElement item, string field, bool fallback, Errors errors)
    {
        if (!item.TryGetProperty(field, out var value) || value.ValueKind == JsonValueKind.Null) return fallback;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False) return value.GetBoolean();
        errors.Add(field, "Give true or false.");
        return fallback;
    }

    /// <param name="fallback">Null: the field is required.</param>
    private static DateTimeOffset Time(JsonElement item, string field, DateTimeOffset? fallback, Errors errors)
    {
        if (item.TryGetProperty(field, out var value) && value.ValueKind != JsonValueKind.Null)
        {
            if (value.ValueKind == JsonValueKind.String && IntakeText.Instant(IntakeText.Of(value) ?? "") is { } time) return time;
        }
        else if (fallback is { } given) return given;

        errors.Add(field, Instants.Wanted);
        return default;
    }
}
