using System.Text.Json.Nodes;

namespace Notify.Kernel.Resources;

/// <summary>A resource that is only tried, in the form in which it would be sent to be kept.</summary>
public static class ResourceDraft
{
    /// <param name="path">Where the draft is in the request; faults are named under it.</param>
    /// <param name="validate">Called when it could be read.</param>
    /// <returns>Valid only when there are no errors.</returns>
    public static TSettings? Read<TSettings>(JsonObject? draft, string path, Action<TSettings, Errors> validate, Errors errors)
        where TSettings : class
    {
        if (draft is null)
        {
            errors.Add(path, JsonShape.Required);
            return null;
        }

        if (ResourceFields.Deserialize<TSettings>(ResourceFields.SettingsOf(draft), path, errors) is not { } settings) return null;
        var faults = new Errors();
        validate(settings, faults);
        errors.AddAll(path, faults);
        return settings;
    }
}
