using System.Text.Json;
using System.Text.Json.Nodes;

namespace Notify.Kernel.Resources;

/// <summary>A resource that is only tried, in the form in which it would be sent to be kept.</summary>
public static class ResourceDraft
{
    /// <param name="path">Where the draft lies in the request; faults are named under it.</param>
    /// <param name="validate">Called when it could be read.</param>
    /// <returns>Counts only when there are no errors.</returns>
    public static TSettings? Read<TSettings>(JsonObject? draft, string path, Action<TSettings, Errors> validate, Errors errors)
        where TSettings : class
    {
        if (draft is null)
        {
            errors.Add(path, "This field is required.");
            return null;
        }

        try
        {
            var settings = ResourceFields.Deserialize<TSettings>(ResourceFields.SettingsOf(draft))!;
            var faults = new Errors();
            validate(settings, faults);
            errors.AddAll(path, faults);
            return settings;
        }
        catch (JsonException e)
        {
            var (field, message) = JsonFault.Describe(e);
            errors.Add(JsonFault.Join(path, field), message);
            return null;
        }
    }
}
